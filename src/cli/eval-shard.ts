/** Entry of a child process of `eval --workers`: measures its share and reports to the parent. */
import { runSweep } from '../eval/sweep.ts';
import { toAppError } from '../shared/errors.ts';
import { Options } from './args.ts';
import { EVAL_OPTIONS, needsOf, planOf } from './eval-plan.ts';
import { shardOf, type ShardOrder, type ShardReport } from './eval-shards.ts';
import { engineOf, openModels } from './open-models.ts';
import { problemReader } from './problem.ts';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
// A parent that is gone wants no more results.
process.once('disconnect', () => process.exit(1));
process.once('message', (order) => void work(order as ShardOrder));

async function work(order: ShardOrder): Promise<void> {
  try {
    await measure(order);
    report({ type: 'done' });
  } catch (thrown) {
    const { code, message, advice } = toAppError(thrown).toData();
    report({ type: 'error', error: { code, message, advice } });
  }
}

async function measure({ args, shard, done }: ShardOrder): Promise<void> {
  const options = Options.parse(args, EVAL_OPTIONS);
  const read = await problemReader(engineOf(options));
  const whole = planOf(options, read);
  const plan = shardOf(whole, shard);
  const models = await openModels(options, needsOf(whole), stop.signal);
  const host = { models, prepare: read, now: () => performance.now() };
  for await (const { results, failure } of runSweep(plan, host, {
    done,
    signal: stop.signal,
  })) {
    if (results.length > 0) report({ type: 'results', results: [...results] });
    if (failure !== null) {
      report({ type: 'failure', id: failure.id, message: failure.error.message });
    }
  }
}

function report(message: ShardReport): void {
  process.send?.(message);
}
