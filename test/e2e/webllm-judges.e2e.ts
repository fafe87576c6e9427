/**
 * Searches with models of web-llm that write, from the page: judged by another model, by the writer's
 * own confidence, and by nobody. Workers, package and GPU code are the real ones, the models are made
 * by hand (test/servers/model-library).
 */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { downloadWriter, openWordProblem, withGpuPage } from './gpu-page.ts';
import { numberIn, runToAnswer, whenReady, type E2eTest } from './harness.ts';

/** The owls write; `judge` is the text of an option. Returns what the page says of the models. */
async function useOwls(page: Page, judge: string): Promise<string> {
  await page.getByLabel('Judge of the solutions').selectOption(judge);
  await page.getByRole('button', { name: 'Use for runs owls-instruct' }).click();
  await whenReady(page);
  return (await page.getByLabel('Models in use').textContent()) ?? '';
}

/** Counts the workers of web-llm. */
function watchWorkers(page: Page): () => number {
  const urls: string[] = [];
  page.on('worker', (worker) => urls.push(worker.url()));
  return () => urls.filter((url) => url.includes('webllm-worker')).length;
}

/** Steps and their scores in the tree, the problem apart. */
async function readTree(page: Page): Promise<{ steps: string[]; scores: number[] }> {
  const items = page.getByRole('tree', { name: 'Search tree' }).getByRole('treeitem');
  const steps = (await items.allTextContents()).slice(1);
  const scored = page.getByRole('treeitem').and(page.locator('[data-score]'));
  const scores = await scored.evaluateAll((all) => all.map((one) => Number(one.dataset.score)));
  return { steps, scores };
}

const spentOn = async (page: Page): Promise<string> =>
  (await page.getByLabel('Compute spent').textContent()) ?? '';

const tests: E2eTest[] = [
  {
    name: 'web-llm: a whole search where one model writes and another judges, each in its worker',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        const workers = watchWorkers(page);
        for (const animals of ['owls', 'foxes']) await downloadWriter(page, files, animals);
        await page.getByLabel('Context', { exact: true }).selectOption('2048 tokens');
        const facts = await useOwls(page, 'foxes-instruct');
        assert.match(facts, /owls-instruct in this tab.*foxes-instruct in this tab.*as judge/);
        assert.equal(workers(), 2);
        await openWordProblem(page, 'strategy=beam&budget=4&width=2&seed=5');
        assert.match(await runToAnswer(page), /^[579]$/);
        const { steps, scores } = await readTree(page);
        assert.ok(steps.length >= 6, `${steps.length} steps`);
        for (const step of steps) assert.match(step, /12 owls/);
        assert.ok(new Set(scores).size >= 4, `scores: ${scores.join(' ')}`);
        for (const score of scores) assert.ok(score > 0.1 && score < 0.9);
        const spent = await spentOn(page);
        assert.match(spent, /FLOPsunknown/);
        // Nothing is shared: four beams of two steps each read some 400 tokens of prompt anew.
        assert.ok(numberIn(spent, /tokens read([\d,]+)/) > 8 * 350, spent);
      });
    },
  },
  {
    name: 'web-llm: a beam search judged by the own confidence of the model that writes',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        const workers = watchWorkers(page);
        await downloadWriter(page, files, 'owls');
        const judge = page.getByLabel('Judge of the solutions');
        await judge.selectOption('Its own confidence (likelihood)');
        await page.getByText('Writes slower: for every token').waitFor();
        const facts = await useOwls(page, 'Its own confidence (likelihood)');
        assert.match(facts, /Verifier \(scores\)likelihood/);
        assert.equal(workers(), 1, 'no second model');
        // Lookahead also takes steps at temperature 0, where web-llm itself calls every token certain.
        for (const strategy of ['beam', 'lookahead']) {
          await openWordProblem(page, `strategy=${strategy}&budget=4&width=2&seed=5`);
          assert.match(await runToAnswer(page), /^[579]$/);
          const { steps, scores } = await readTree(page);
          assert.ok(steps.length >= 6, `${steps.length} steps`);
          assert.ok(new Set(scores).size >= 4, `scores: ${scores.join(' ')}`);
          for (const score of scores) assert.ok(score > 0.3 && score < 1, `score ${score}`);
          assert.equal(numberIn(await spentOn(page), /tokens verified([\d,]+)/), 0);
        }
      });
    },
  },
  {
    name: 'web-llm: nobody judges, and the answer that most solutions agree on wins',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        const workers = watchWorkers(page);
        await downloadWriter(page, files, 'owls');
        const facts = await useOwls(page, 'Nobody: votes decide');
        assert.match(facts, /Verifier \(scores\)none: answers are chosen by vote/);
        assert.equal(workers(), 1);
        await openWordProblem(page, 'strategy=best-of-n&budget=16&seed=5');
        const answer = await runToAnswer(page);
        const { steps, scores } = await readTree(page);
        assert.deepEqual(scores, []);
        const votes = new Map<string, number>();
        for (const step of steps) {
          const [, said] = /\\boxed\{(\d)\}/.exec(step) ?? [];
          if (said !== undefined) votes.set(said, (votes.get(said) ?? 0) + 1);
        }
        const most = Math.max(...votes.values());
        assert.ok(votes.size > 1, 'solutions differ');
        assert.equal(votes.get(answer), most, `${answer} of ${JSON.stringify([...votes])}`);
        const spent = await spentOn(page);
        assert.equal(numberIn(spent, /generations([\d,]+)/), 16);
        assert.equal(numberIn(spent, /tokens verified([\d,]+)/), 0);
        // What needs a judge says so, and the page goes on.
        await openWordProblem(page, 'strategy=beam&budget=4&seed=5');
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await page.getByText('This strategy needs a verifier that scores every step.').waitFor();
      });
    },
  },
];

export default tests;
