/** `solve`: one problem, one search; what the page runs, in Node. */
import { aggregate } from '../verify/aggregate.ts';
import type { SweepModels, ReadyProblem } from '../eval/sweep.ts';
import { strategyOf } from '../search/strategies.ts';
import { AppError } from '../shared/errors.ts';
import type { RunConfig } from '../shared/run-config.ts';
import { RUN_LOG_VERSION, type RunEvent, type RunLog } from '../shared/run-events.ts';
import { pathTo, viewAt, type RunView } from '../shared/run-view.ts';
import { badInput, Options } from './args.ts';
import { engineOf, MODEL_OPTIONS, openModels } from './open-models.ts';
import { printJson, printText, say, writeWhole } from './output.ts';
import { problemReader } from './problem.ts';
import {
  baseConfig,
  budgetSchema,
  RUN_OPTIONS,
  seedSchema,
  strategySchema,
} from './run-options.ts';

const OPTIONS = {
  ...MODEL_OPTIONS,
  ...RUN_OPTIONS,
  problem: 'string',
  strategy: 'string',
  budget: 'string',
  seed: 'string',
  events: 'string',
  json: 'boolean',
} as const;

export async function solve(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = Options.parse(args, OPTIONS);
  const config = configOf(options);
  const read = await problemReader(engineOf(options));
  const problem = read({ prompt: config.problem });
  const models = await openModels(
    options,
    { verifier: config.strategy !== 'greedy', strategies: [config.strategy] },
    signal,
  );
  const events = await runOnce(config, problem, models, signal);
  const view = viewAt(events, events.length);
  const log = options.text('events');
  if (log !== undefined) writeWhole(log, JSON.stringify(logOf(events, config)));
  if (view.status === 'failed' && view.error !== null) throw failureOf(view.error);
  const aggregation = config.aggregation ?? models.verifier?.capabilities.aggregation ?? 'last';
  const document = describeRun(view, config, problem, aggregation);
  if (options.has('json')) printJson(document);
  else printText(humanText(document, view));
}

function configOf(options: Options): RunConfig {
  const text = options.required('problem');
  if (text.length > 2000) {
    throw badInput('The problem is longer than 2000 characters.', 'Shorten it.');
  }
  return {
    ...baseConfig(options),
    problem: options.text('problem') === undefined ? '' : text,
    strategy: options.checked('strategy', strategySchema) ?? 'beam',
    budget: options.checked('budget', budgetSchema) ?? 16,
    seed: options.checked('seed', seedSchema) ?? 1,
  };
}

async function runOnce(
  config: RunConfig,
  problem: ReadyProblem,
  models: SweepModels,
  signal: AbortSignal,
): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const run = strategyOf(config.strategy).run({
    ...models,
    config,
    prompt: problem.prompt,
    family: problem.family,
    level: problem.level,
    grade: (steps) => problem.grade(steps),
    signal,
    clock: () => performance.now(),
  });
  for await (const event of run) {
    events.push(event);
    if (event.type === 'round') say(`round ${event.round}: ${event.requested} continuations`);
    if (event.type === 'note') say(event.text);
  }
  return events;
}

type Aggregation = NonNullable<RunConfig['aggregation']>;

/** The document of product.md, "Command line". `text` is the chosen solution, a step a line. */
function describeRun(
  view: RunView,
  config: RunConfig,
  problem: Pick<ReadyProblem, 'prompt' | 'family'>,
  aggregation: Aggregation,
) {
  const candidates = view.candidates.map((candidate) => ({
    text: pathTo(view, candidate.id)
      .map((id) => view.nodes[id].text)
      .join('\n'),
    answer: candidate.answer,
    score: aggregate(candidate.stepScores, aggregation),
    stepScores: candidate.stepScores,
    finished: candidate.finished,
    correct: candidate.correct,
    copies: candidate.copies,
  }));
  const at = view.answer?.candidate ?? null;
  return {
    problem: config.problem,
    prompt: problem.prompt,
    family: problem.family,
    strategy: config.strategy,
    budget: config.budget,
    seed: config.seed,
    answer: view.answer?.answer ?? null,
    answerText: view.answer?.answerText ?? null,
    text: at === null ? null : candidates[at].text,
    score: at === null ? null : candidates[at].score,
    correct: view.answer?.correct ?? null,
    ledger: view.ledger,
    candidates,
  };
}

function humanText(document: ReturnType<typeof describeRun>, view: RunView): string {
  const verdict =
    document.correct === null ? 'truth unknown' : document.correct ? 'right' : 'wrong';
  const { generations, policyTokens, elapsedMs } = document.ledger;
  return [
    document.answer === null ? 'No answer was found.' : `${document.answerText} (${verdict})`,
    document.text ?? '',
    `${document.candidates.length} candidates, ${generations} generations, ${policyTokens} tokens, ${Math.round(elapsedMs)} ms`,
    view.baseline === null ? '' : `greedy: ${view.baseline.answerText ?? 'no answer'}`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function logOf(events: RunEvent[], config: RunConfig): RunLog {
  const label = `${config.strategy}, budget ${config.budget}: ${config.problem}`;
  const recordedAt = new Date().toISOString();
  return { format: 'overthink-run', version: RUN_LOG_VERSION, label, recordedAt, events };
}

function failureOf(error: { code: string; message: string; advice: string }): AppError {
  const code =
    error.code === 'bad-input' || error.code === 'model-missing' ? error.code : 'internal';
  return new AppError(code, error.message, { advice: error.advice });
}
