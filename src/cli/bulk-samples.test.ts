import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PLAIN_SCRIPT, ScriptedPolicy } from '../search/testing/scripted-policy.ts';
import { drawBulk } from './bulk-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'overthink-bulk-'));
const PROMPTS = ['compute 1+2', 'compute 3*4', 'solve x+5=12'];

function request(name: string) {
  const problems = join(folder, `${name}-problems.jsonl`);
  writeFileSync(problems, PROMPTS.map((prompt) => `${JSON.stringify({ prompt })}\n`).join(''));
  const out = join(folder, `${name}.jsonl`);
  return { problems, out, samples: 200, seed: 3, temperature: 1 };
}

function draw(wanted: ReturnType<typeof request>): Promise<number> {
  return drawBulk(new ScriptedPolicy(PLAIN_SCRIPT), wanted, new AbortController().signal);
}

test('an interrupted draw goes on to the same file as an unbroken one', async () => {
  const [whole, broken] = [request('whole'), request('broken')];
  expect(await draw(whole)).toBe(3);
  const text = readFileSync(whole.out, 'utf8');
  // One problem done, the second half written.
  writeFileSync(broken.out, text.slice(0, text.indexOf('\n') + 40));
  expect(await draw(broken)).toBe(2);
  expect(readFileSync(broken.out, 'utf8')).toBe(text);
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { prompt: string });
  expect(lines.map(({ prompt }) => prompt)).toEqual(PROMPTS);
});

test('a line that is no problem is named', async () => {
  const wanted = request('bad');
  writeFileSync(wanted.problems, '{"prompt":"compute 1+2"}\nnonsense\n');
  await expect(draw(wanted)).rejects.toMatchObject({ code: 'bad-input', message: /Line 2/ });
});
