/**
 * The command line against servers: the sweep that the page's Lab runs, over the same code, with a key
 * from the environment, prices, and a reward model on a server of its own.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { openOpenAi } from '../../src/engine/openai/open.ts';
import { parseStrategySpec } from '../../src/eval/strategy-spec.ts';
import { runSweep } from '../../src/eval/sweep.ts';
import type { SweepResult } from '../../src/eval/sweep-result.ts';
import { DEFAULT_RUN_CONFIG } from '../../src/shared/run-config.ts';
import { prepare } from '../../src/worker/language-models.ts';
import { addingJudge, addingModel } from '../servers/adding-model.ts';
import { serveVllm } from '../servers/reward-servers.ts';
import { startScriptedServer, type ScriptedServer } from '../servers/scripted-openai.ts';

const KEY = 'sk-very-secret-0123456789';
const OTHER_KEY = 'sk-other-secret-9876543210';
const PRM = 'Qwen/Qwen2.5-Math-PRM-7B';
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'overthink-servers-'));
const PROBLEMS = ['17 25 31', '8 44 5'].map((numbers, i) => ({
  id: `w${i}`,
  prompt: `Please add the numbers ${numbers}`,
  answer: String(73 - 16 * i),
}));
const STRATEGIES = ['greedy', 'best-of-n:majority', 'beam'];
const BUDGETS = [1, 4];

const servers: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Not synchronous: the servers answer from this process. */
function cli(args: readonly string[], env: Readonly<Record<string, string>>) {
  const node = ['--import', 'tsx', join(root, 'src/cli/main.ts'), ...args];
  const child = spawn(process.execPath, node, { cwd: root, env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (status) => resolve({ status, stdout, stderr })),
  );
}

/** Clocks tick, and nothing else may differ. */
const timeless = (results: readonly SweepResult[]) =>
  results
    .map(({ ledger, id, strategy, budget, seed, answer, correct }) => ({
      ...{ id, strategy, budget, seed, answer, correct },
      ledger: { ...ledger, elapsedMs: 0 },
    }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

async function start(): Promise<{ policy: ScriptedServer; rewards: ScriptedServer }> {
  const policy = await startScriptedServer(addingModel, { key: KEY }, addingJudge);
  const rewards = await serveVllm('0.33', 'steps', { model: PRM, key: OTHER_KEY });
  servers.push(policy, rewards);
  return { policy, rewards };
}

describe('the command line on servers', () => {
  it('runs the sweep that the page runs, priced, with two keys that it keeps to itself', async () => {
    const { policy, rewards } = await start();
    const [problems, out] = [join(folder, 'words.jsonl'), join(folder, 'out.json')];
    writeFileSync(problems, PROBLEMS.map((one) => JSON.stringify(one)).join('\n'));
    const models = ['--policy-model', 'scripted', '--verifier-model', PRM];
    const where = ['--base-url', policy.baseUrl, '--verifier-base-url', rewards.baseUrl];
    const what = ['--strategies', STRATEGIES.join(), '--budgets', BUDGETS.join(), '--seeds', '1'];
    const price = ['--price-in', '1', '--price-out', '4', '--concurrency', '5'];
    const args = ['eval', '--problems', problems, '--out', out, '--engine', 'openai'];
    const env = { OVERTHINK_API_KEY: KEY, OVERTHINK_VERIFIER_API_KEY: OTHER_KEY };
    const reply = await cli([...args, ...where, ...models, ...what, ...price], env);
    expect(reply.stderr + reply.stdout).not.toMatch(/secret/);
    expect(reply.status, reply.stderr).toBe(0);
    const text = readFileSync(out, 'utf8');
    expect(text).not.toMatch(/secret/);
    const { results } = JSON.parse(text) as { results: SweepResult[] };
    expect(results).toHaveLength(PROBLEMS.length * STRATEGIES.length * BUDGETS.length);
    expect(results.some(({ correct }) => correct === true)).toBe(true);
    expect(results.every(({ ledger }) => (ledger.cost ?? 0) > 0)).toBe(true);
    for (const [server, key] of [
      [policy, KEY],
      [rewards, OTHER_KEY],
    ] as const) {
      expect(server.peak()).toBeLessThanOrEqual(5);
      const sent = new Set(server.requests.map(({ authorization }) => authorization));
      expect([...sent]).toEqual([`Bearer ${key}`]);
    }
    // The page's worker: the same models, prepared by the same function, in the same sweep.
    const backend = await openOpenAi({
      ...{ baseUrl: policy.baseUrl, key: KEY, policyModel: 'scripted', verifierModel: PRM },
      ...{ verifierBaseUrl: rewards.baseUrl, verifierKey: OTHER_KEY },
      price: { read: 1, written: 4 },
    });
    const { policy: writer, verifier, engineLabel } = backend;
    const limits = { step: 400, solution: 2048 };
    const plan = {
      base: { ...DEFAULT_RUN_CONFIG, problem: '' },
      problems: PROBLEMS,
      strategies: STRATEGIES.map((name) => parseStrategySpec(name)),
      ...{ budgets: BUDGETS, seeds: 1 },
    };
    const own: SweepResult[] = [];
    const parts = { policy: writer, verifier, engineLabel, limits };
    for await (const progress of runSweep(plan, { models: parts, prepare, now: () => 0 })) {
      own.push(...progress.results);
    }
    expect(timeless(results)).toEqual(timeless(own));
  });

  it('says what a server refuses, without the key', async () => {
    const { policy } = await start();
    const args = [
      'solve',
      '--problem',
      'Please add the numbers 1 2',
      '--engine',
      'openai',
      '--json',
    ];
    const server = ['--base-url', policy.baseUrl, '--policy-model', 'scripted'];
    const reply = await cli([...args, ...server], { OVERTHINK_API_KEY: 'sk-wrong-secret-1' });
    expect(reply.status).not.toBe(0);
    const { error } = JSON.parse(reply.stdout) as { error: Record<string, string> };
    expect(error).toMatchObject({ code: 'server', message: 'The server refuses the key.' });
    expect(error.advice).not.toBe('');
    expect(reply.stdout + reply.stderr).not.toContain('sk-wrong-secret-1');
  });
});
