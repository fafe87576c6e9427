/** Every strategy on the page, revisions with models that come late, judging a finished run again,
 * going on from a step, and the answer that only the visitor knows. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { addingJudge, addingModel } from '../servers/adding-model.ts';
import type { ChangedFiles } from '../servers/changed-page.ts';
import { startScriptedServer } from '../servers/scripted-openai.ts';
import { axeViolations, numberIn, runToAnswer, whenReady, type E2eTest } from './harness.ts';

const PROBLEM = 'problem=compute+12*7%2B9*8-3*5';
/** Its samples differ: there is something to choose from. */
const HARD = 'problem=make+81%3A+10+9+4+5+10';
const answer = (page: Page) => page.getByRole('region', { name: 'Answer' });
const detail = (page: Page) => page.getByRole('region', { name: 'Selected step' });
const item = (page: Page, role: string) => page.locator(`[role=treeitem][data-role=${role}]`);

interface Manifest {
  version: number;
  models: { id: string; role: string; label: string }[];
}

function shippedManifest(): Manifest {
  const url = new URL('../../public/models/manifest.json', import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Manifest;
}

const isRevising = ({ role }: { role: string }) => role === 'reviser' || role === 'orm';

/** Whatever is shipped: without the models for revisions. */
function withoutReviser(): ChangedFiles {
  const manifest = shippedManifest();
  const models = manifest.models.filter((model) => !isRevising(model));
  return withManifest({ ...manifest, models });
}

/** Whatever is shipped: policy and PRM also take the parts of the reviser and its verifier. */
function withStandIns(): ChangedFiles {
  const manifest = shippedManifest();
  const models = manifest.models.filter((model) => !isRevising(model));
  const as = (id: string, role: string) => {
    const model = models.find((one) => one.id === id);
    assert.ok(model !== undefined);
    return { ...model, id: role, role, label: `Stand-in ${role}` };
  };
  const all = [...models, as('policy', 'reviser'), as('prm', 'orm')];
  return withManifest({ ...manifest, models: all });
}

const withManifest = (manifest: Manifest): ChangedFiles =>
  new Map([['models/manifest.json', JSON.stringify(manifest)]]);

const tests: E2eTest[] = [
  ...(['greedy', 'best-of-n', 'beam', 'lookahead', 'dvts', 'auto'] as const).map(
    (strategy): E2eTest => ({
      name: `${strategy} runs, shows its ledger and has no accessibility faults`,
      async run({ visit }) {
        const { page } = await visit({
          hash: `/playground?${PROBLEM}&strategy=${strategy}&budget=16&width=0&keep=m`,
        });
        await whenReady(page);
        await runToAnswer(page);
        const spent = (await page.getByLabel('Compute spent').textContent()) ?? '';
        const generations = numberIn(spent, /generations(\d+)/);
        assert.equal(generations, strategy === 'greedy' ? 1 : 16);
        assert.match(spent, /tokens written.*tokens verified.*FLOPs.*if nothing were shared.*time/);
        if (strategy === 'lookahead') {
          assert.ok((await item(page, 'rollout').count()) > 0, 'rollouts are in the tree');
          await page.getByLabel('Legend').getByText('looked ahead').waitFor();
        }
        if (strategy === 'auto') {
          const why = await answer(page)
            .getByText(/^Auto took/)
            .textContent();
          assert.match(why ?? '', /Why: 4 samples \(4 of 16 generations, \d+ tokens written/);
        }
        assert.deepEqual(await axeViolations(page), []);
      },
    }),
  ),
  {
    name: 'without a reviser the page says that revisions are not here',
    async run({ visit }) {
      const { page } = await visit({
        hash: `/playground?${PROBLEM}`,
        files: withoutReviser(),
      });
      await whenReady(page);
      await page.getByText(/Revisions need two more models/).waitFor();
      const option = page
        .getByRole('combobox', { name: 'Strategy' })
        .locator('option[value=revise]');
      assert.ok(await option.isDisabled());
    },
  },
  {
    name: 'revisions: models come late, the slider cuts chains, attempts show what they had in view',
    async run({ visit }) {
      const { page } = await visit({
        hash: `/playground?${PROBLEM}&budget=16`,
        files: withStandIns(),
      });
      await whenReady(page);
      await page.getByRole('combobox', { name: 'Strategy' }).selectOption('revise');
      const slider = page.getByRole('slider', { name: /Sequential or parallel/ });
      await slider.focus();
      await page.keyboard.press('End');
      assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^1 chain of 16 attempts/);
      await page.keyboard.press('ArrowLeft');
      assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^2 chains of 8 attempts/);
      await runToAnswer(page);
      const chains = page.getByRole('region', { name: 'Attempts of each chain' });
      assert.equal(await chains.locator('tbody tr').count(), 2);
      assert.equal(await chains.locator('tbody td').count(), 16);
      await page.getByLabel('What revising changed').waitFor();
      await item(page, 'revision').last().dispatchEvent('click');
      await detail(page)
        .getByText(/the last \d attempts in view|one earlier attempt/)
        .waitFor();
      const shown = detail(page).getByRole('list', { name: /Attempts in view/ });
      assert.ok((await shown.getByRole('listitem').count()) <= 4);
      assert.match((await answer(page).textContent()) ?? '', /all chains pooled/);
      assert.deepEqual(await axeViolations(page), []);
    },
  },
  {
    name: 'a finished run is judged again by other verifiers, by keyboard, without new tokens',
    async run({ visit }) {
      const { page } = await visit({ hash: `/playground?${HARD}&strategy=best-of-n&budget=32` });
      await whenReady(page);
      await runToAnswer(page);
      const spent = await page.getByLabel('Compute spent').textContent();
      await page.getByText('Judge again').click();
      const judges = page.getByRole('group', { name: 'Who judges' }).getByRole('radio');
      await judges.nth(4).waitFor();
      assert.equal(await judges.count(), 5);
      await judges.first().focus();
      const seen: string[] = [];
      for (let i = 0; i < 5; i++) {
        assert.ok(await judges.nth(i).isChecked());
        const row = await page.locator('.judge-row-on .judge-answer .mono').textContent();
        await answer(page)
          .locator('output')
          .filter({ hasText: row ?? '' })
          .waitFor();
        seen.push(row ?? '');
        await page.keyboard.press('ArrowDown');
      }
      assert.match((await answer(page).textContent()) ?? '', /fifth of its verdicts flipped/);
      assert.equal(await page.getByLabel('Compute spent').textContent(), spent);
      assert.deepEqual(await axeViolations(page), []);
    },
  },
  {
    name: 'expanding from a step is a run of its own that begins there and says so, also after a reload',
    async run({ visit }) {
      const { page } = await visit({ hash: `/playground?${PROBLEM}&budget=8` });
      await whenReady(page);
      await runToAnswer(page);
      const before = await answer(page).getAttribute('data-run');
      await page
        .locator('[role=treeitem][data-role=step][data-state=kept]')
        // The first is the problem itself.
        .nth(1)
        .dispatchEvent('click');
      const step = await detail(page).locator('[aria-current=step] code').textContent();
      await page.getByRole('button', { name: 'Expand from here' }).click();
      await page.waitForFunction((old) => {
        const data = document.querySelector<HTMLElement>('.answer[data-run]')?.dataset;
        return data?.run !== old && data?.status === 'done';
      }, before);
      await page.getByText(/expanded from step \d/).waitFor();
      assert.equal(await item(page, 'given').locator('.tree-item-text').textContent(), step);
      const root = await item(page, 'given').getAttribute('aria-level');
      assert.equal(root, '2');
      await page.reload();
      await page.getByText('expanded from step 1').waitFor();
      await page.getByText('Recent runs (2)').click();
      await page.getByText(/from step 1 ·/).waitFor();
    },
  },
  {
    name: 'the visitor’s own answer marks a run whose truth nobody knew, and stays with it',
    async run({ visit }) {
      const server = await startScriptedServer(addingModel, { cors: true }, addingJudge);
      try {
        const { page } = await visit({
          hash: '/models',
          namedServer: new URL(server.baseUrl).origin,
        });
        await page.getByRole('textbox', { name: 'Address' }).fill(server.baseUrl);
        await page.getByLabel('Model that scores (verifier)').fill('scripted');
        await page.getByRole('button', { name: 'Test the connection' }).click();
        await page.getByRole('button', { name: 'Use this server for runs' }).click();
        await whenReady(page);
        await page.getByRole('link', { name: 'Playground' }).click();
        const problem = page.getByRole('textbox', { name: 'Problem' });
        await problem.fill('Please add the numbers 17 25 31 8 44');
        await runToAnswer(page);
        await answer(page).getByText('truth not known').waitFor();
        await page.getByLabel('Do you know the right answer?').fill('125.0');
        await page.keyboard.press('Enter');
        await answer(page).getByText('✓ right').first().waitFor();
        await answer(page).getByText('Right, as you say: 125.0').waitFor();
        // The same problem once more is marked by itself, another one is not.
        await page.getByRole('button', { name: 'Next seed' }).click();
        await runToAnswer(page);
        await answer(page).getByText('Right, as you say: 125.0').waitFor();
        await answer(page).getByText('✓ right').first().waitFor();
        await problem.fill('Please add the numbers 17 25 31 8 45');
        assert.equal(await runToAnswer(page), '126');
        await answer(page).getByText('truth not known').waitFor();
        await problem.fill('Please add the numbers 17 25 31 8 44');
        await runToAnswer(page);
        await answer(page).getByText('Right, as you say: 125.0').waitFor();
        await page.reload();
        await answer(page).getByText('Right, as you say: 125.0').waitFor();
        await answer(page).getByText('✓ right').first().waitFor();
        await page.getByRole('button', { name: 'Take back' }).click();
        await answer(page).getByText('truth not known').waitFor();
      } finally {
        await server.close();
      }
    },
  },
];

export default tests;
