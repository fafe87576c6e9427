import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { runLogSchema } from '../shared/run-events.ts';
import { stepsTo, viewAt } from '../shared/run-view.ts';
import { runCommand } from './commands.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixtures = join(root, 'test/fixtures');
const folder = mkdtempSync(join(tmpdir(), 'overthink-cli-'));

interface Reply {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function cli(...args: string[]): Reply {
  const node = ['--import', 'tsx', join(root, 'src/cli/main.ts'), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, node, {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** The shipped models are large; random ones of the same format do for the command line. */
const TINY = ['--models', fixtures, '--policy', 'tiny-llama', '--verifier', 'tiny-prm'];

interface Golden {
  cases: { text: string; tokens: number[]; positions: number[]; logits: number[][] }[];
}

function golden(name: string): Golden {
  return JSON.parse(readFileSync(join(fixtures, 'golden', `${name}.json`), 'utf8')) as Golden;
}

beforeAll(() => {
  spawnSync(process.execPath, [join(root, 'tools/build-wasm.mjs')], { cwd: root });
});

describe('logits and score', () => {
  test('logits are those of PyTorch, for every position', () => {
    const [sample] = golden('tiny-llama').cases.slice(-1);
    const reply = cli(
      'logits',
      '--models',
      fixtures,
      '--model',
      'tiny-llama',
      '--text',
      sample.text,
    );
    const { tokens, logits } = JSON.parse(reply.stdout) as { tokens: number[]; logits: number[][] };
    expect(tokens).toEqual(sample.tokens);
    expect(logits).toHaveLength(tokens.length);
    sample.positions.forEach((position, i) => {
      sample.logits[i].forEach((value, at) => {
        expect(Math.abs(logits[position][at] - value)).toBeLessThan(1e-4);
      });
    });
  });

  test('score reads a step at its terminator and leaves the prompt out', () => {
    const text = 'make 24: 4 6\n4*6=24|24<eos>';
    const reply = cli('score', '--models', fixtures, '--model', 'tiny-prm', '--text', text);
    const { tokens, scores } = JSON.parse(reply.stdout) as { tokens: number[]; scores: number[] };
    expect(tokens.at(-1)).toBe(2);
    expect(scores).toHaveLength(1);
    const raw = cli('logits', '--models', fixtures, '--model', 'tiny-prm', '--text', text);
    const { logits } = JSON.parse(raw.stdout) as { logits: number[][] };
    expect(scores[0]).toBeCloseTo(1 / (1 + Math.exp(-(logits.at(-1)?.[0] ?? NaN))), 6);
  });
});

describe('solve', () => {
  test('prints one JSON document and writes a log that the page can read', () => {
    const events = join(folder, 'run.json');
    const args = ['solve', ...TINY, '--problem', 'Use 4, 6, 7 and 8 to make 24', '--budget', '4'];
    const reply = cli(...args, '--seed', '3', '--events', events, '--json');
    expect(reply.status).toBe(0);
    const document = JSON.parse(reply.stdout) as Record<string, unknown>;
    expect(document).toMatchObject({
      problem: 'Use 4, 6, 7 and 8 to make 24',
      prompt: 'make 24: 4 6 7 8',
      family: 'countdown',
      strategy: 'beam',
      budget: 4,
      seed: 3,
      ledger: { generations: 4 },
    });
    const log = runLogSchema.parse(JSON.parse(readFileSync(events, 'utf8')));
    const view = viewAt(log.events, Infinity);
    expect(view.status).toBe('done');
    expect(view.candidates).toHaveLength((document.candidates as unknown[]).length);
    expect(view.ledger).toEqual(document.ledger);
  });

  test.each([
    [['solve'], 'bad-input'],
    [['solve', '--problem', 'what is love'], 'outside-families'],
    [['solve', '--problem', 'make 24: 4 6 7 8', '--budget', '1e9'], 'bad-input'],
    [['solve', '--problem', 'make 24: 4 6 7 8', '--strategy', 'magic'], 'bad-input'],
    [['solve', '--problem', 'make 24: 4 6 7 8', '--nonsense', '1'], 'bad-input'],
    [['eval', '--problems', 'no-such-file.jsonl', '--out', 'x.json'], 'bad-input'],
    [['fly'], 'bad-input'],
    [['curves', '--results', 'no-such-file.json'], 'bad-input'],
    [['generate', '--text', ''], 'bad-input'],
    [['solve', '--problem', 'make 24: 4 6 7 8', '--engine', 'abacus'], 'bad-input'],
    [['solve', '--problem', 'make 24: 4 6 7 8', '--policy', '../../secret'], 'bad-input'],
    [['solve', '--problem', 'make 24: 4 6 7 8', '--engine', 'openai'], 'bad-input'],
    [
      ['solve', '--problem', 'x', '--engine', 'openai', '--base-url', 'http://127.0.0.1:9'].concat([
        '--policy-model',
        'm',
        '--price-in',
        '-1',
      ]),
      'bad-input',
    ],
  ])('%j ends with status 2 and %s as JSON', async (args, code) => {
    const written: string[] = [];
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    const status = await runCommand([...args, '--json'], new AbortController().signal);
    spy.mockRestore();
    expect(status).toBe(2);
    const { error } = JSON.parse(written.join('')) as { error: Record<string, string> };
    expect(error.code).toBe(code);
    expect(error.message).not.toBe('');
    expect(error.advice).not.toBe('');
  });

  test('revises in chains where the reviser and its verifier are there, and says so where not', () => {
    const models = mkdtempSync(join(tmpdir(), 'overthink-models-'));
    const put = (name: string, model: string) =>
      symlinkSync(join(fixtures, model), join(models, name));
    put('policy', 'tiny-llama');
    put('prm', 'tiny-prm');
    const revise = () =>
      cli(
        ...['solve', '--models', models, '--problem', 'compute 2+3', '--strategy', 'revise'],
        ...['--budget', '6', '--chain-length', '3', '--events', join(models, 'log.json'), '--json'],
      );
    const refused = revise();
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'model-missing' } });
    put('reviser', 'tiny-llama');
    put('orm', 'tiny-prm');
    const reply = revise();
    expect(reply.status).toBe(0);
    expect(JSON.parse(reply.stdout)).toMatchObject({ ledger: { generations: 6 } });
    const { events } = runLogSchema.parse(
      JSON.parse(readFileSync(join(models, 'log.json'), 'utf8')),
    );
    const { candidates } = viewAt(events, Infinity);
    expect(candidates.map(({ chain, attempt }) => [chain, attempt])).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
      [0, 2],
      [1, 2],
    ]);
    const problems = join(models, 'problems.jsonl');
    writeFileSync(problems, `${JSON.stringify({ id: 'a', prompt: 'compute 2+3' })}\n`);
    const chains = cli(
      ...['chains', '--models', models, '--problems', problems, '--chains', '2', '--length', '3'],
      ...['--attempts', join(models, 'attempts.jsonl'), '--json'],
    );
    expect(chains.status).toBe(0);
    const written = JSON.parse(readFileSync(join(models, 'attempts.jsonl'), 'utf8')) as unknown;
    // The same seed, so the same attempts as the run above.
    expect(written).toEqual({
      prompt: 'compute 2+3',
      attempts: candidates.map(({ id, chain, attempt, finished }) => ({
        ...{ chain, attempt, finished },
        text: stepsTo(viewAt(events, Infinity), id).join('\n'),
      })),
    });
  });

  test('a refusal reaches the shell as exit status 2', () => {
    const reply = cli('solve', '--json');
    expect(reply.status).toBe(2);
    expect(JSON.parse(reply.stdout)).toMatchObject({ error: { code: 'bad-input' } });
  });
});

describe('eval', () => {
  const problems = join(folder, 'problems.jsonl');
  const out = join(folder, 'out.json');
  const lines = [
    { id: 'a', prompt: 'make 24: 4 6 7 8' },
    { id: 'b', prompt: 'compute 2+3', answer: '5' },
  ];
  const sweep = (...more: string[]) =>
    cli(
      ...['eval', ...TINY, '--problems', problems, '--out', out, '--budgets', '1,2'],
      ...['--strategies', 'greedy,best-of-n,best-of-n:majority', ...more],
    );
  interface Document {
    problems: unknown;
    points: { strategy: string; budget: number; accuracy: number; seeds: number }[];
    results: { seed: number }[];
  }
  const read = () => JSON.parse(readFileSync(out, 'utf8')) as Document;

  test('writes points and results, and goes on where it stopped', () => {
    writeFileSync(problems, lines.map((line) => JSON.stringify(line)).join('\n'));
    expect(sweep('--seeds', '1').status).toBe(0);
    const first = read();
    expect(first.problems).toEqual(lines);
    expect(first.points).toHaveLength(6);
    expect(first.results).toHaveLength(12);
    expect(first.results[0]).toMatchObject({ id: 'a', strategy: 'greedy', budget: 1, seed: 1 });
    for (const key of ['answer', 'correct', 'score', 'ledger', 'details']) {
      expect(first.results[0]).toHaveProperty(key);
    }
    expect(sweep('--seeds', '2').status).toBe(0);
    const second = read();
    expect(second.results).toHaveLength(24);
    expect(second.results.filter(({ seed }) => seed === 1)).toEqual(first.results);
    expect(second.points.every(({ seeds }) => seeds === 2)).toBe(true);
  });

  test('two workers measure what one does, and resume from its file', () => {
    const half = join(folder, 'half.json');
    const both = join(folder, 'both.json');
    const common = ['eval', ...TINY, '--problems', problems, '--budgets', '1,2'];
    const args = [...common, '--strategies', 'best-of-n,best-of-n:majority'];
    expect(cli(...args, '--out', half, '--limit', '1').status).toBe(0);
    expect(cli(...args, '--out', half, '--workers', '2').status).toBe(0);
    expect(cli(...args, '--out', both).status).toBe(0);
    const numbers = (path: string) =>
      (JSON.parse(readFileSync(path, 'utf8')) as { results: Record<string, unknown>[] }).results
        // Device time aside, and scores to the digits that do not depend on the batch.
        .map(({ ledger, ...rest }) => ({
          ...rest,
          ledger: { ...(ledger as object), elapsedMs: 0 },
        }))
        .map((row) =>
          JSON.stringify(row, (_, value: unknown) =>
            typeof value === 'number' ? Number(value.toPrecision(5)) : value,
          ),
        );
    expect(numbers(half)).toHaveLength(8);
    expect(numbers(half)).toEqual(numbers(both));
  });

  test('does not mix results of other settings into a file', () => {
    const before = readFileSync(out, 'utf8');
    const reply = sweep('--temperature', '0.5');
    expect(reply.status).toBe(2);
    expect(reply.stderr).toContain('temperature');
    expect(readFileSync(out, 'utf8')).toBe(before);
  });

  test('does not mix results graded by other answers into a file', () => {
    const before = readFileSync(out, 'utf8');
    const { problems: used } = JSON.parse(before) as { problems: { id: string; prompt: string }[] };
    const other = join(folder, 'other-answers.jsonl');
    writeFileSync(other, used.map((one) => JSON.stringify({ ...one, answer: '-1' })).join('\n'));
    const reply = cli('eval', ...TINY, '--problems', other, '--out', out, '--strategies', 'greedy');
    expect(reply.status).toBe(2);
    expect(reply.stderr).toContain('graded by another answer');
    expect(readFileSync(out, 'utf8')).toBe(before);
  });

  test('refuses to write over a file that is not its own', () => {
    const foreign = join(folder, 'foreign.json');
    writeFileSync(foreign, '{"precious":true}');
    const reply = cli('eval', ...TINY, '--problems', problems, '--out', foreign);
    expect(reply.status).toBe(2);
    expect(readFileSync(foreign, 'utf8')).toBe('{"precious":true}');
    expect(existsSync(`${foreign}.partial`)).toBe(false);
  });
});

describe('curves', () => {
  const problems = join(folder, 'many.jsonl');
  const lines = Array.from({ length: 24 }, (_, i) => ({ id: `p${i}`, prompt: `compute ${i}+3` }));
  const file = (name: string) => join(folder, `${name}.json`);
  const measure = (name: string, ...more: string[]) =>
    cli('eval', ...TINY, '--problems', problems, '--out', file(name), '--budgets', '1,4', ...more);
  const curves = (...more: string[]) => cli('curves', '--models', fixtures, ...more, '--json');

  beforeAll(() => {
    writeFileSync(problems, lines.map((line) => JSON.stringify(line)).join('\n'));
    measure('a', '--strategies', 'greedy,best-of-n');
    measure('b', '--strategies', 'beam:width=2');
    measure('c', '--strategies', 'best-of-n,beam:width=2', '--seed', '2');
    measure('samples', '--strategies', 'best-of-n', '--seed', '1001');
  });

  test('read several files as one, and make the table that eval runs auto with', () => {
    const parts = ['--results', file('a'), file('b'), file('c'), '--difficulty', file('samples')];
    const reply = curves(...parts, '--table', file('table'));
    expect(reply.stderr).not.toContain('"error"');
    const merged = JSON.parse(reply.stdout) as { seeds: number[]; points: object[] };
    expect(merged.seeds).toEqual([1, 2]);
    expect(merged.points).toHaveLength(6);
    expect(merged.points).toContainEqual(
      expect.objectContaining({ strategy: 'beam:width=2', budget: 4, problems: 24, seeds: 2 }),
    );
    const auto = ['--strategies', 'auto', '--table', file('table')];
    expect(measure('auto', ...auto).status).toBe(0);
    const { setup, results } = JSON.parse(readFileSync(file('auto'), 'utf8')) as {
      setup: { models: Record<string, string> };
      results: { budget: number; ledger: { generations: number } }[];
    };
    expect(results).toHaveLength(48);
    expect(results.every(({ budget, ledger }) => ledger.generations === budget)).toBe(true);
    expect(setup.models.table).toMatch(/^[0-9a-f]{12}$/);
    const all = curves('--results', file('a'), file('auto'));
    expect((JSON.parse(all.stdout) as { points: object[] }).points).toHaveLength(6);
    // Another table is another strategy: its results do not mix.
    writeFileSync(file('table'), `${readFileSync(file('table'), 'utf8')} `);
    const mixed = measure('auto', ...auto);
    expect([mixed.status, mixed.stderr.includes('models')]).toEqual([2, true]);
  });

  test('refuse files that do not belong together', () => {
    const document = JSON.parse(readFileSync(file('a'), 'utf8')) as {
      setup: object;
      problems: { id: string; prompt: string }[];
      results: { answer: string | null }[];
    };
    const refusal = (change: object): string => {
      writeFileSync(file('other'), JSON.stringify({ ...document, ...change }));
      const reply = curves('--results', file('a'), file('other'));
      expect(reply.status).toBe(2);
      return reply.stdout;
    };
    const [first, ...rest] = document.results;
    expect(refusal({ results: [{ ...first, answer: 'x' }, ...rest] })).toContain(
      'different outcomes',
    );
    expect(refusal({ setup: { ...document.setup, temperature: 0.5 } })).toContain('temperature');
    const [problem, ...others] = document.problems;
    expect(refusal({ problems: [{ ...problem, prompt: 'compute 1+1' }, ...others] })).toContain(
      'Problem p0',
    );
    expect(curves('--results', file('a'), file('a')).status).toBe(0);
    const same = curves('--results', file('a'), '--separate', file('a'));
    expect([same.status, same.stdout.includes('shares seeds')]).toEqual([2, true]);
  });

  test('auto without a table is refused, not run as something else', () => {
    const reply = measure('none', '--strategies', 'auto', '--table', file('no-such'));
    expect(reply.status).toBe(2);
    expect(existsSync(file('none'))).toBe(false);
  });
});

test('generate gives as many texts as asked for, the same for a seed', () => {
  const args = ['generate', '--models', fixtures, '--model', 'tiny-llama', '--text', 'compute 2+3'];
  const texts = (seed: string) => {
    const reply = cli(...args, '--samples', '3', '--seed', seed, '--json');
    return (JSON.parse(reply.stdout) as { texts: string[] }).texts;
  };
  const first = texts('1');
  expect(first).toHaveLength(3);
  expect(texts('1')).toEqual(first);
  expect(texts('2')).not.toEqual(first);
});
