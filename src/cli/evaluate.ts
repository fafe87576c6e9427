/** `eval`: a sweep over a problem file, resumable through its output file. */
import * as z from 'zod/mini';
import { resultsCsv } from '../eval/results-table.ts';
import { runSweep } from '../eval/sweep.ts';
import { countResults, planTasks, type SweepPlan } from '../eval/sweep-plan.ts';
import { resultKey, type SweepResult } from '../eval/sweep-result.ts';
import type { SweepPoint } from '../eval/points.ts';
import { badInput, Options } from './args.ts';
import { describeSweep, readEarlier, saveSweep, setupOf, withPoints } from './eval-file.ts';
import { EVAL_OPTIONS, needsOf, planOf } from './eval-plan.ts';
import { runShards, type EvalProgress } from './eval-shards.ts';
import { engineOf, openModels } from './open-models.ts';
import { printJson, say, writeWhole } from './output.ts';
import { problemReader, type ReadProblem } from './problem.ts';
import { modelFingerprints, modelParameters, revision } from './provenance.ts';

const SAVE_EVERY_MS = 5000;
/** A large file takes long to write: at most this share of the time goes into it. */
const SAVING_SHARE = 0.05;

const workersSchema = z.int().check(z.minimum(1), z.maximum(64));

export async function evaluate(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = Options.parse(args, EVAL_OPTIONS);
  const read = await problemReader(engineOf(options));
  const plan = planOf(options, read);
  const out = options.text('out');
  if (out === undefined && !options.has('json')) {
    throw badInput('Neither --out nor --json is given.', 'Say where the results should go.');
  }
  const workers = options.checked('workers', workersSchema) ?? 1;
  const own = setupOf(plan, modelFingerprints(options, needsOf(plan)));
  const earlier =
    out === undefined
      ? { setup: own, problems: plan.problems, results: [] }
      : readEarlier(out, own, plan);
  const { results: kept, ...known } = earlier;
  const parameters = modelParameters(options);
  const origin = { ...known, revision: revision(), parameters, compact: options.has('compact') };
  const results = new Map(kept.map((result) => [resultKey(result), result]));
  const document = () => describeSweep(plan, [...results.values()], origin);
  if (planTasks(plan, kept).length > 0) {
    const progress =
      workers === 1
        ? runHere(options, plan, read, kept, signal)
        : runShards(args, Math.min(workers, plan.problems.length), kept, signal);
    await collect(progress, results, countResults(plan), () => {
      if (out !== undefined) saveSweep(out, document());
    });
  }
  const whole = withPoints(document());
  if (out !== undefined) writeWhole(out, JSON.stringify(whole));
  const csv = options.text('csv');
  if (csv !== undefined) writeWhole(csv, resultsCsv([...results.values()]));
  if (options.has('json')) printJson(whole);
  else for (const point of whole.points) say(pointLine(point));
}

async function* runHere(
  options: Options,
  plan: SweepPlan,
  read: ReadProblem,
  done: readonly SweepResult[],
  signal: AbortSignal,
): AsyncGenerator<EvalProgress, void, void> {
  const models = await openModels(options, needsOf(plan), signal);
  const host = { models, prepare: read, now: () => performance.now() };
  for await (const { results, failure } of runSweep(plan, host, { done, signal })) {
    const failed = failure && { id: failure.id, message: failure.error.message };
    yield { results, failure: failed };
  }
}

/** A stop or a crash loses at most what is under way. */
async function collect(
  progress: AsyncIterable<EvalProgress>,
  results: Map<string, SweepResult>,
  total: number,
  save: () => void,
): Promise<void> {
  const startedAt = performance.now();
  const before = results.size;
  let saveAt = startedAt + SAVE_EVERY_MS;
  try {
    for await (const { results: fresh, failure } of progress) {
      for (const result of fresh) results.set(resultKey(result), result);
      if (failure !== null) say(`${failure.id}: ${failure.message}`);
      const now = performance.now();
      if (now < saveAt) continue;
      save();
      const took = performance.now() - now;
      saveAt = now + took + Math.max(SAVE_EVERY_MS, took / SAVING_SHARE);
      const rate = (results.size - before) / (now - startedAt);
      const left = rate > 0 ? (total - results.size) / rate / 60_000 : NaN;
      say(`${results.size} of ${total}, about ${left.toFixed(1)} minutes left`);
    }
  } finally {
    save();
  }
}

function pointLine(point: SweepPoint): string {
  const { strategy, budget, accuracy, low, high, problems, seeds } = point;
  const share =
    accuracy === null || low === null || high === null
      ? 'truth unknown'
      : `${accuracy.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  return `${strategy.padEnd(24)} N=${String(budget).padEnd(4)} ${share}  ${problems} problems, ${seeds} seeds`;
}
