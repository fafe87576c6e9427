/**
 * One sweep on several cores: child processes with models of their own, each with every k-th
 * problem. What a run says does not depend on what runs beside it, so the numbers are the same.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import type { SweepPlan } from '../eval/sweep-plan.ts';
import { sweepResultSchema, type ResultKey, type SweepResult } from '../eval/sweep-result.ts';
import { AppError, throwIfAborted } from '../shared/errors.ts';

/** Share `index` of `of`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** First message to a child. */
export interface ShardOrder {
  readonly args: readonly string[];
  readonly shard: Shard;
  readonly done: readonly ResultKey[];
}

const errorSchema = z.object({ code: z.string(), message: z.string(), advice: z.string() });

const reportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('results'), results: z.array(sweepResultSchema) }),
  z.object({ type: z.literal('failure'), id: z.string(), message: z.string() }),
  z.object({ type: z.literal('error'), error: errorSchema }),
  z.object({ type: z.literal('done') }),
]);

export type ShardReport = z.infer<typeof reportSchema>;

/** What happened since the last progress. */
export interface EvalProgress {
  readonly results: readonly SweepResult[];
  readonly failure: { readonly id: string; readonly message: string } | null;
}

export function shardOf(plan: SweepPlan, { index, of }: Shard): SweepPlan {
  return { ...plan, problems: plan.problems.filter((_, at) => at % of === index) };
}

/** Runs `args` of `eval` in `workers` children. Throws what the first of them fails with. */
export async function* runShards(
  args: readonly string[],
  workers: number,
  done: readonly ResultKey[],
  signal: AbortSignal,
): AsyncGenerator<EvalProgress, void, void> {
  const keys = done.map(({ id, strategy, budget, seed }) => ({ id, strategy, budget, seed }));
  const queue: ShardReport[] = [];
  let wake = () => {};
  const push = (report: ShardReport) => {
    queue.push(report);
    wake();
  };
  const children = Array.from({ length: workers }, (_, index) =>
    startChild({ args, shard: { index, of: workers }, done: keys }, push),
  );
  const stop = () => children.forEach((child) => child.kill('SIGINT'));
  signal.addEventListener('abort', stop, { once: true });
  let open = workers;
  try {
    while (open > 0) {
      if (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      for (const report of queue.splice(0)) {
        if (report.type === 'done') open--;
        else if (report.type === 'results') yield { results: report.results, failure: null };
        else if (report.type === 'failure') yield { results: [], failure: report };
        else {
          throwIfAborted(signal);
          const { code, message, advice } = report.error;
          throw new AppError(code as AppError['code'], message, { advice });
        }
      }
    }
    throwIfAborted(signal);
  } finally {
    signal.removeEventListener('abort', stop);
    for (const child of children) child.kill();
  }
}

function startChild(order: ShardOrder, push: (report: ShardReport) => void): ChildProcess {
  const child = fork(fileURLToPath(new URL('./eval-shard.ts', import.meta.url)), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let over = false;
  child.on('message', (message) => {
    const report = reportSchema.parse(message);
    over ||= report.type === 'done' || report.type === 'error';
    push(report);
  });
  child.on('exit', (status, cause) => {
    if (over) return;
    const message = `Worker ${order.shard.index + 1} ended early (${cause ?? status ?? ''}).`;
    const advice = 'Run the same command again; it goes on where it stopped.';
    push({ type: 'error', error: { code: 'internal', message, advice } });
  });
  child.send(order);
  return child;
}
