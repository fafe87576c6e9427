/** `generate --problems`: solutions of many problems, a JSON line each; what training draws from. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Policy } from '../shared/policy.ts';
import { DEFAULT_TOKEN_LIMITS } from '../search/strategy.ts';
import { rootBranch, stepTexts } from '../shared/branch.ts';
import { childStream, rootStream } from '../shared/random.ts';
import { readPrompts } from './prompt-file.ts';

/** Branches decoded together; more fill the KV pool without being quicker. */
const BRANCHES = 256;

export interface BulkRequest {
  readonly problems: string;
  /** Lines `{prompt, samples: [{text, finished}]}`, appended; problems that stand there already are left out. */
  readonly out: string;
  readonly samples: number;
  readonly seed: number;
  readonly temperature: number;
}

/** Returns how many problems were written. Stopped, it goes on where it was. */
export async function drawBulk(
  policy: Policy,
  { problems, out, samples, seed, temperature }: BulkRequest,
  signal: AbortSignal,
): Promise<number> {
  const prompts = readPrompts(problems);
  const done = existsSync(out) ? wholeLines(out) : 0;
  const together = Math.max(1, Math.floor(BRANCHES / samples));
  for (let at = done; at < prompts.length; at += together) {
    signal.throwIfAborted();
    const roots = prompts
      .slice(at, at + together)
      .map((prompt) => rootBranch(prompt, rootStream(seed, prompt)));
    const requests = roots.map((branch) => ({
      branch,
      streams: Array.from({ length: samples }, (_, i) => childStream(branch.stream, i)),
      temperature,
      until: 'solution' as const,
      maxTokens: DEFAULT_TOKEN_LIMITS.solution,
    }));
    const extensions = await policy.extend(requests, signal);
    const lines = extensions.map(({ leaves }, i) => {
      const drawn = leaves.map((leaf) => ({
        text: stepTexts(leaf).join('\n'),
        finished: leaf.end === 'solution',
      }));
      return `${JSON.stringify({ prompt: roots[i].prompt, samples: drawn })}\n`;
    });
    appendFileSync(out, lines.join(''));
    policy.release([...roots, ...extensions.flatMap(({ leaves }) => leaves)]);
  }
  return Math.max(0, prompts.length - done);
}

/** Cuts off a last line that an interruption left half written. */
function wholeLines(out: string): number {
  const text = readFileSync(out, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) writeFileSync(out, whole);
  return whole.split('\n').length - 1;
}
