/**
 * A "language model" that adds a list of numbers step by step in the "## Step" form, and slips now
 * and then, depending on its seed. It reads the prompt as a model would: the problem and the steps
 * that stand there already, right or wrong. Its judge recomputes them.
 */
import type { ScriptedModel, ScriptedOdds } from './scripted-openai.ts';

const SLIP_PERCENT = 30;

export const addingModel: ScriptedModel = (prompt, seed) => {
  const { numbers, sums } = read(prompt);
  if (numbers.length < 2) return smallTalk(seed);
  let total = sums.length > 0 ? sums[sums.length - 1] : numbers[0];
  const steps: string[] = [];
  for (let k = sums.length; k < numbers.length - 1; k++) {
    const slip = seed !== 0 && mix(seed, k) % 100 < SLIP_PERCENT ? 1 + (mix(seed, k + 99) % 3) : 0;
    const next = total + numbers[k + 1] + slip;
    const body = ` Add ${numbers[k + 1]}: ${total} + ${numbers[k + 1]} = ${next}.`;
    total = next;
    const last = k === numbers.length - 2;
    steps.push(body + (last ? ` The final answer is $\\boxed{${total}}$.` : ''));
  }
  return steps
    .map((body, i) => (i === 0 ? body : `## Step ${sums.length + i + 1}:${body}`))
    .join('\n\n');
};

/** Yes with .9 where every sum is right, with .1 where one is not; spread over spellings. */
export const addingJudge: ScriptedOdds = (prompt) => {
  if (!/Yes or No\./.test(prompt)) return null;
  const text = prompt.slice(prompt.lastIndexOf('Solution so far:'));
  const right = [...text.matchAll(/(\d+) \+ (\d+) = (\d+)/g)].every(
    ([, a, b, c]) => Number(a) + Number(b) === Number(c),
  );
  const odds: Record<string, number> = right
    ? { Yes: 0.6, ' Yes': 0.21, No: 0.09, Maybe: 0.1 }
    : { No: 0.7, yes: 0.09, NO: 0.11, Maybe: 0.1 };
  return odds;
};

/** What it says to anything else, such as the questions of a probe. */
function smallTalk(seed: number): string {
  const words = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heath'];
  return Array.from({ length: 20 }, (_, i) => ` ${words[mix(seed, i) % words.length]}`).join('');
}

function read(prompt: string): { numbers: number[]; sums: number[] } {
  const problem = [...prompt.matchAll(/add the numbers ([\d ]+)/gi)].at(-1);
  const numbers = (problem?.[1] ?? '0').trim().split(' ').map(Number);
  const solution = prompt.slice((problem?.index ?? 0) + (problem?.[0].length ?? 0));
  const sums = [...solution.matchAll(/\+ \d+ = (\d+)\./g)].map((match) => Number(match[1]));
  return { numbers, sums };
}

function mix(a: number, b: number): number {
  let word = (a ^ Math.imul(b + 1, 0x9e3779b1)) >>> 0;
  word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) >>> 0;
  return (word ^ (word >>> 13)) >>> 0;
}
