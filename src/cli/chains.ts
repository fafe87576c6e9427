/** `chains`: accuracy along chains of revisions, and how often a revision breaks a right answer. */
import { appendFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { chainFigures, type Attempt, type ChainFigures } from '../eval/chain-figures.ts';
import { strategyOf } from '../search/strategies.ts';
import type { RunConfig } from '../shared/run-config.ts';
import type { RunEvent } from '../shared/run-events.ts';
import { stepsTo, viewAt } from '../shared/run-view.ts';
import type { Estimate } from '../shared/statistics.ts';
import { LikelihoodVerifier } from '../verify/likelihood.ts';
import { Options } from './args.ts';
import { engineOf, MODEL_OPTIONS, openModels } from './open-models.ts';
import { printJson, printText, say, writeWhole } from './output.ts';
import { problemReader } from './problem.ts';
import { readPrompts } from './prompt-file.ts';
import { baseConfig, RUN_OPTIONS, seedSchema } from './run-options.ts';

const OPTIONS = {
  ...MODEL_OPTIONS,
  ...RUN_OPTIONS,
  problems: 'string',
  chains: 'string',
  length: 'string',
  seed: 'string',
  limit: 'string',
  out: 'string',
  attempts: 'string',
  json: 'boolean',
} as const;

const countSchema = z.int().check(z.minimum(1), z.maximum(256));

/** `{all, families: {family: figures}}`, see eval/chain-figures.ts. */
export async function chains(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = Options.parse(args, OPTIONS);
  const number = options.checked('chains', countSchema) ?? 4;
  const chainLength = options.checked('length', countSchema) ?? 16;
  const limit = options.checked('limit', z.int().check(z.minimum(1))) ?? Infinity;
  const prompts = readPrompts(options.required('problems')).slice(0, limit);
  const models = await openModels(options, { verifier: false, strategies: ['revise'] }, signal);
  const texts = options.text('attempts');
  if (texts !== undefined) writeFileSync(texts, '');
  // Nothing is chosen here, so nothing needs a score; the ORM would take as long as the reviser.
  const reviser = models.reviser && { ...models.reviser, verifier: new LikelihoodVerifier() };
  const read = await problemReader(engineOf(options));
  const families = new Map<string, Attempt[][]>();
  for (const [index, prompt] of prompts.entries()) {
    const problem = read({ prompt });
    const config: RunConfig = {
      ...baseConfig(options),
      problem: prompt,
      strategy: 'revise',
      budget: number * chainLength,
      chainLength,
      seed: options.checked('seed', seedSchema) ?? 1,
    };
    const run = strategyOf('revise').run({
      ...models,
      reviser,
      config,
      ...problem,
      signal,
      clock: () => performance.now(),
      baseline: false,
    });
    const events: RunEvent[] = [];
    for await (const event of run) events.push(event);
    const attempts = events.flatMap(attemptOf);
    if (texts !== undefined) appendFileSync(texts, `${JSON.stringify(written(prompt, events))}\n`);
    const own = families.get(problem.family) ?? [];
    families.set(problem.family, [...own, attempts]);
    if ((index + 1) % 25 === 0) say(`${index + 1} of ${prompts.length} problems`);
  }
  const document = {
    chains: number,
    length: chainLength,
    all: chainFigures([...families.values()].flat()),
    families: Object.fromEntries(
      [...families].map(([family, problems]) => [family, chainFigures(problems)]),
    ),
  };
  const out = options.text('out');
  if (out !== undefined) writeWhole(out, `${JSON.stringify(document)}\n`);
  if (options.has('json')) printJson(document);
  else
    printText(
      [['all', document.all] as const, ...Object.entries(document.families)].map(line).join('\n'),
    );
}

/** `{prompt, attempts: [{chain, attempt, text, finished}]}`: what training makes histories of. */
function written(prompt: string, events: readonly RunEvent[]) {
  const view = viewAt(events, Infinity);
  const attempts = view.candidates.map(({ id, chain, attempt, finished }) => ({
    chain,
    attempt,
    text: stepsTo(view, id).join('\n'),
    finished,
  }));
  return { prompt, attempts };
}

/** A cut attempt counts as wrong. */
function attemptOf(event: RunEvent): Attempt[] {
  if (event.type !== 'candidate') return [];
  const { chain, attempt, correct } = event;
  if (chain === undefined || attempt === undefined) return [];
  return [{ chain, attempt, correct: correct === true }];
}

function line([name, figures]: readonly [string, ChainFigures]): string {
  const { attempts, gains, rightTurnedWrong: flips, problems } = figures;
  const shown = [1, 2, 4, 8, 16, 32, 64].filter((at) => at <= attempts.length);
  const steps = shown.map((at) => `${at}: ${estimate(attempts[at - 1])}`);
  const gained = shown.slice(1).map((at) => `${at}: ${estimate(gains[at - 1])}`);
  const share = flips.of === 0 ? 'none' : (flips.count / flips.of).toFixed(3);
  return [
    `${name} (${problems} problems)  ${steps.join('  ')}`,
    `right turned wrong: ${share} of ${flips.of}`,
    ...(gained.length > 0 ? [`against attempt 1  ${gained.join('  ')}`] : []),
  ].join('\n  ');
}

function estimate({ mean, low, high }: Estimate): string {
  return `${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}
