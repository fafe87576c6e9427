/**
 * A visitor with a llama.cpp server of their own: a word problem gets a tree, votes and an answer
 * from a real language model. Too small to be right, so what is looked at is that it is all there.
 */
import assert from 'node:assert/strict';
import {
  LLAMA_MODEL,
  startLlamaServer,
  whyNoLlama,
  type LlamaServer,
} from '../servers/llama-server.ts';
import { runToAnswer, whenReady, type E2eTest } from './harness.ts';

const KEY = 'sk-very-secret-0123456789';
/** On a busy machine a language model writes a few tokens a second. */
const PATIENCE_MS = 900_000;

async function withLlama(use: (server: LlamaServer) => Promise<void>): Promise<void> {
  const missing = whyNoLlama();
  if (missing !== null) {
    console.log(`     not run: ${missing}`);
    return;
  }
  // Short completions: the page leaves a model as much room as a large one needs.
  const server = await startLlamaServer({ key: KEY, mostTokens: 24 });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

const tests: E2eTest[] = [
  {
    name: 'a real language model on llama.cpp: tree, votes, answer, and what they cost',
    async run({ visit }) {
      await withLlama(async (server) => {
        const { page } = await visit({ hash: '/models', namedServer: server.baseUrl });
        page.setDefaultTimeout(PATIENCE_MS);
        await page.getByRole('textbox', { name: 'Address' }).fill(server.baseUrl);
        await page.getByLabel('Key', { exact: true }).fill(KEY);
        await page.getByLabel('Model that scores (verifier)').fill(LLAMA_MODEL);
        await page.getByLabel('Price of a million tokens written (completion)').fill('1');
        await page.getByRole('button', { name: 'Test the connection' }).click();
        await page.getByText('Seeds').or(page.getByText('A run can be repeated')).first().waitFor();
        await page.getByRole('button', { name: 'Use this server for runs' }).click();
        await whenReady(page);
        await page.getByRole('link', { name: 'Playground' }).click();
        const problem = page.getByRole('textbox', { name: 'Problem' });
        await problem.fill('Tom has 3 apples and buys 4 more. How many apples does he have?');
        await page.getByText('The language model gets this as it stands').waitFor();
        const slider = page.getByRole('slider', { name: 'Compute budget' });
        await slider.focus();
        await page.keyboard.press('Home');
        for (let stop = 0; stop < 2; stop++) await page.keyboard.press('ArrowRight');
        await runToAnswer(page);
        const tree = page.getByRole('tree', { name: 'Search tree' });
        assert.ok((await tree.getByRole('treeitem').count()) > 1);
        const spent = (await page.getByLabel('Compute spent').textContent()) ?? '';
        assert.match(spent, /generations4/);
        assert.match(spent, /from the server’s cache\d/);
        assert.match(spent, /cost at your prices/);
        assert.ok(!page.url().includes(KEY));
      });
    },
  },
];

export default tests;
