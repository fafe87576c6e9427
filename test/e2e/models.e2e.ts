/** The Models page: what is possible without a GPU, and a server with everything that goes wrong. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { addingJudge, addingModel } from '../servers/adding-model.ts';
import {
  startScriptedServer,
  type ScriptedServer,
  type ServerHabits,
} from '../servers/scripted-openai.ts';
import { serveVllm } from '../servers/reward-servers.ts';
import {
  axeViolations,
  everythingStored,
  runToAnswer,
  whenReady,
  type E2eTest,
} from './harness.ts';

const KEY = 'sk-very-secret-0123456789';
const OTHER_KEY = 'sk-other-secret-9876543210';
const MODELS = '/models';

async function withServer(
  habits: ServerHabits,
  use: (server: ScriptedServer, origin: string) => Promise<void>,
): Promise<void> {
  const server = await startScriptedServer(addingModel, habits, addingJudge);
  try {
    await use(server, new URL(server.baseUrl).origin);
  } finally {
    await server.close();
  }
}

const tests: E2eTest[] = [
  {
    name: 'without WebGPU the Models page says what is possible, and the small models go on',
    async run({ visit }) {
      const { page } = await visit({ hash: MODELS });
      await page.getByText('so these models cannot run here').waitFor();
      const downloads = page.getByRole('button', { name: /^Download \d+ MB/ });
      assert.ok((await downloads.count()) >= 5);
      for (const button of await downloads.all()) assert.ok(await button.isDisabled());
      await whenReady(page);
      const facts = await page.getByLabel('Models in use').textContent();
      assert.match(facts ?? '', /tokens a second/);
      await page.getByRole('link', { name: 'Playground' }).click();
      assert.notEqual(await runToAnswer(page), '');
    },
  },
  ...(
    [
      ['no WebGPU', 'This browser has no WebGPU'],
      ['WebGPU but no adapter', 'finds no usable GPU'],
    ] as const
  ).map(([what, says]): E2eTest => ({
    name: `with ${what} the Models page tells which of the two it is`,
    async run({ visit }) {
      const before = (page: Page) =>
        page.addInitScript((none) => {
          if (none) Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined });
        }, what === 'no WebGPU');
      const { page } = await visit({ hash: MODELS, before });
      await page.getByText(says).waitFor();
    },
  })),
  ...[1440, 360].flatMap((width) =>
    [false, true].map((dark): E2eTest => ({
      name: `axe finds nothing on the Models page at ${width} px, ${dark ? 'dark' : 'light'}`,
      async run({ visit }) {
        const { page } = await visit({ hash: MODELS, width, dark });
        await page.getByText('so these models cannot run here').waitFor();
        await page.getByText('Another model, by address').click();
        assert.deepEqual(await axeViolations(page), []);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${wide} px wide`);
      },
    })),
  ),
  {
    name: 'a server is tested, its features are explained, and the key stays in memory',
    async run({ visit }) {
      await withServer({ cors: true, key: KEY, seed: false }, async (server, namedServer) => {
        const { page } = await visit({ hash: MODELS, namedServer });
        await page.getByRole('textbox', { name: 'Address' }).fill(server.baseUrl);
        await page.getByLabel('Key', { exact: true }).fill(KEY);
        await page.getByRole('button', { name: 'Test the connection' }).click();
        const list = page.getByRole('list', { name: 'What the server honours' });
        await list.waitFor();
        const missing = await list.locator('li[data-works="false"]').allTextContents();
        assert.equal(missing.length, 1);
        assert.match(missing[0], /Seeds are ignored/);
        assert.equal(await page.getByLabel('Model that writes (policy)').inputValue(), 'scripted');
        const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }));
        assert.ok(!kept.includes(KEY) && !page.url().includes(KEY));
        await page.getByLabel('Remember address and key on this device').check();
        await page.reload();
        assert.equal(
          await page.getByRole('textbox', { name: 'Address' }).inputValue(),
          server.baseUrl,
        );
        await page.getByLabel('Remember address and key on this device').uncheck();
        await page.reload();
        assert.equal(await page.getByRole('textbox', { name: 'Address' }).inputValue(), '');
      });
    },
  },
  {
    name: 'a word problem runs on a server: tree, votes, answer; the key is stored nowhere',
    async run({ visit }) {
      await withServer({ cors: true, key: KEY }, async (server, namedServer) => {
        const { page } = await visit({ hash: MODELS, namedServer });
        const logged: string[] = [];
        page.on('console', (message) => logged.push(message.text()));
        await page.getByRole('textbox', { name: 'Address' }).fill(server.baseUrl);
        await page.getByLabel('Key', { exact: true }).fill(KEY);
        await page.getByLabel('Model that scores (verifier)').fill('scripted');
        await page.getByLabel('Price of a million tokens read (prompt)').fill('0.5');
        await page.getByLabel('Price of a million tokens written (completion)').fill('2');
        await page.getByRole('button', { name: 'Test the connection' }).click();
        await page.getByRole('button', { name: 'Use this server for runs' }).click();
        await whenReady(page);
        const chip = await page.getByRole('status', { name: 'Engine' }).textContent();
        assert.match(chip ?? '', /scripted on 127\.0\.0\.1/);
        await page.getByRole('link', { name: 'Playground' }).click();
        const problem = page.getByRole('textbox', { name: 'Problem' });
        await problem.fill('Please add the numbers 17 25 31 8 44');
        await page.getByText('The language model gets this as it stands').waitFor();
        assert.match(await runToAnswer(page), /125/);
        const spent = await page.getByLabel('Compute spent').textContent();
        assert.match(spent ?? '', /cost at your prices0\.\d+/);
        const link = page.url();
        const stored = await everythingStored(page);
        assert.ok(stored.includes('add the numbers'), 'the run is stored');
        assert.ok(!`${stored}${link}${logged.join('')}`.includes(KEY));
        await page.getByRole('link', { name: 'Lab' }).click();
        await page.getByText('at the measured speed of the language model').waitFor();
        await page.getByText('Settings of every run').click();
        assert.ok(await page.getByLabel('Workers').isDisabled());
        await page.getByText('A language model has one').waitFor();
        await page.getByRole('link', { name: 'Models' }).click();
        await page.getByRole('button', { name: 'Use the small models' }).click();
        await page
          .getByRole('status', { name: 'Engine' })
          .filter({ hasText: 'Small models · CPU' })
          .waitFor();
      });
    },
  },
  {
    name: 'a process reward model on a vLLM of its own scores the steps of another server',
    async run({ visit }) {
      const model = 'Qwen/Qwen2.5-Math-PRM-7B';
      const rewards = await serveVllm('0.33', 'steps', { model, cors: true, key: OTHER_KEY });
      try {
        await withServer({ cors: true, key: KEY }, async (server, origin) => {
          const namedServer = [origin, new URL(rewards.baseUrl).origin];
          const { page } = await visit({ hash: MODELS, namedServer });
          await page.getByRole('textbox', { name: 'Address' }).fill(server.baseUrl);
          await page.getByLabel('Key', { exact: true }).fill(KEY);
          await page.getByLabel('Model that scores (verifier)').fill(model);
          await page.getByLabel('Where the verifier is served').fill(rewards.baseUrl);
          await page.getByLabel('Key for the verifier').fill(OTHER_KEY);
          await page.getByRole('button', { name: 'Test the connection' }).click();
          await page.getByText(/Qwen2\.5-Math-PRM-7B on .*: scores every step/).waitFor();
          assert.deepEqual(await axeViolations(page), []);
          await page.getByRole('button', { name: 'Use this server for runs' }).click();
          await whenReady(page);
          await page.getByRole('link', { name: 'Playground' }).click();
          await page.getByRole('textbox', { name: 'Problem' }).fill('Please add the numbers 3 4 5');
          await page.getByText('The language model gets this as it stands').waitFor();
          assert.match(await runToAnswer(page), /12/);
          const scored = page.getByRole('treeitem').and(page.locator('[data-score]'));
          assert.ok((await scored.count()) > 1, 'steps carry rewards');
          // Each server gets its own key and no other.
          const sent = (of: ScriptedServer) => new Set(of.requests.map((one) => one.authorization));
          assert.deepEqual([...sent(server)], [`Bearer ${KEY}`]);
          assert.deepEqual([...sent(rewards)], [`Bearer ${OTHER_KEY}`]);
          const left = (await everythingStored(page)) + page.url();
          for (const key of [KEY, OTHER_KEY]) assert.ok(!left.includes(key));
        });
      } finally {
        await rewards.close();
      }
    },
  },
  {
    name: 'a server that refuses this page, the key or the address is explained',
    async run({ visit }) {
      await withServer({ cors: false }, async (server, namedServer) => {
        const expectedErrors = /CORS policy|Failed to load resource/;
        const { page } = await visit({ hash: MODELS, namedServer, expectedErrors });
        const failure = page.getByRole('status', { name: 'Connection' }).getByRole('alert');
        const test = page.getByRole('button', { name: 'Test the connection' });
        await page.getByRole('textbox', { name: 'Address' }).fill(server.baseUrl);
        await test.click();
        await failure.filter({ hasText: 'does not allow this page (CORS)' }).waitFor();
        server.habits = { cors: true, key: 'another' };
        await page.getByLabel('Key', { exact: true }).fill(KEY);
        await test.click();
        await failure.filter({ hasText: 'refuses the key' }).waitFor();
        assert.ok(!(await failure.textContent())?.includes(KEY));
        await page.getByRole('textbox', { name: 'Address' }).fill('ftp://somewhere');
        await test.click();
        await failure.filter({ hasText: 'must begin with http' }).waitFor();
        const { port } = new URL(server.baseUrl);
        await server.close();
        await page.getByRole('textbox', { name: 'Address' }).fill(`http://127.0.0.1:${port}`);
        await test.click();
        await failure.filter({ hasText: `No answer from 127.0.0.1:${port}` }).waitFor();
      });
    },
  },
];

export default tests;
