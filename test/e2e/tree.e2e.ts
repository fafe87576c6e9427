/** The search tree: picture and list show the same nodes, keys and mouse reach them, replay works. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { runToAnswer, whenReady, type E2eTest } from './harness.ts';

const tree = (page: Page) => page.getByRole('tree', { name: 'Search tree' });
const detail = (page: Page) => page.getByRole('region', { name: 'Selected step' });
const selectedText = (page: Page) =>
  page.locator('[role=treeitem][aria-selected=true] .tree-item-text').textContent();

async function finishedRun(page: Page): Promise<void> {
  await whenReady(page);
  await runToAnswer(page);
  await page.waitForFunction(() => {
    const slider = document.querySelector<HTMLInputElement>('[aria-label="Run position"]');
    return slider !== null && Number(slider.max) > 0 && slider.value === slider.max;
  });
}

const tests: E2eTest[] = [
  {
    name: 'tree: arrows walk it, Enter opens the detail',
    async run({ visit }) {
      const { page } = await visit();
      await finishedRun(page);
      await tree(page).focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      await detail(page).waitFor();
      const first = await selectedText(page);
      assert.ok(((await detail(page).textContent()) ?? '').includes(first ?? '?'));
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      assert.notEqual(await selectedText(page), first);
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowLeft');
      assert.equal(await page.getByRole('treeitem').count(), 1, 'the root hides everything');
      await page.keyboard.press('ArrowRight');
      assert.ok((await page.getByRole('treeitem').count()) > 5);
    },
  },
  {
    name: 'tree: a click on the picture selects the same node as the list',
    async run({ visit }) {
      const { page } = await visit();
      await finishedRun(page);
      const box = await page.locator('.tree-canvas').boundingBox();
      assert.ok(box !== null);
      // Somewhere on a grid over the picture there are nodes.
      for (let i = 0; i < 400 && !(await detail(page).isVisible()); i++) {
        const x = box.x + ((i % 20) + 0.5) * (box.width / 20);
        const y = box.y + (Math.floor(i / 20) + 0.5) * (box.height / 20);
        await page.mouse.click(x, y);
      }
      await detail(page).waitFor();
      const chosen = await detail(page).locator('[aria-current=step] code').textContent();
      await page.getByRole('button', { name: 'List' }).click();
      assert.equal(await selectedText(page), chosen);
    },
  },
  {
    name: 'tree: the camera stays where the reader put it',
    async run({ visit }) {
      const { page } = await visit();
      await finishedRun(page);
      const follow = page.getByRole('button', { name: 'Follow' });
      assert.equal(await follow.getAttribute('aria-pressed'), 'true');
      await page.locator('.tree-canvas').focus();
      await page.keyboard.press('ArrowRight');
      assert.equal(await follow.getAttribute('aria-pressed'), 'false');
      await page.keyboard.press('f');
      await page.keyboard.press('+');
      assert.equal(await follow.getAttribute('aria-pressed'), 'false');
    },
  },
  {
    name: 'tree: replay plays from the start, pauses and is stepped by keys',
    async run({ visit }) {
      const { page } = await visit();
      await finishedRun(page);
      const position = page.getByRole('slider', { name: 'Run position' });
      const end = Number(await position.inputValue());
      const speed = page.getByRole('combobox', { name: 'Speed' });
      await speed.selectOption('1');
      await page.getByRole('button', { name: 'Play' }).click();
      await page.waitForFunction(
        (last) => {
          const slider = document.querySelector<HTMLInputElement>('[aria-label="Run position"]');
          return slider !== null && slider.valueAsNumber > 0 && slider.valueAsNumber < last;
        },
        end,
        { polling: 'raf' },
      );
      await position.focus();
      await page.keyboard.press('Home');
      await page.getByRole('button', { name: 'Play' }).waitFor();
      await page.keyboard.press('.');
      assert.ok(Number(await position.inputValue()) > 0);
      await page.keyboard.press(',');
      assert.equal(await position.inputValue(), '0');
      await speed.selectOption('8');
      await position.focus();
      await page.keyboard.press(' ');
      await page.waitForFunction(
        (last) =>
          document.querySelector<HTMLInputElement>('[aria-label="Run position"]')?.value === last,
        String(end),
      );
      await page.getByRole('button', { name: 'Play' }).waitFor();
    },
  },
];

export default tests;
