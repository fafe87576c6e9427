/** Cuts long reads (prefill, scoring) into passes of at most `maxRows` rows. */
import type { TransformerDevice } from './device.ts';
import type { SlotList } from './kv-pool.ts';
import { RowBatchBuilder } from './row-batch.ts';

/** Rows `from` … `to` − 1 of one sequence; head outputs are wanted from row `outputsFrom` on. */
export interface ReadJob {
  readonly tokens: readonly number[];
  readonly list: SlotList;
  readonly from: number;
  readonly to: number;
  readonly outputsFrom: number;
}

/**
 * Runs all jobs in order. Resolves to each job's outputs, `[to − outputsFrom, outputs]`.
 * `between` is awaited after every pass and may throw to stop.
 */
export async function runRows(
  device: TransformerDevice,
  jobs: readonly ReadJob[],
  between: () => Promise<void>,
): Promise<Float32Array[]> {
  const results = jobs.map(
    (job) => new Float32Array(Math.max(0, job.to - job.outputsFrom) * device.outputs),
  );
  const filled = new Uint32Array(jobs.length);
  let pass = new Pass(device.maxRows);
  const flush = async (): Promise<void> => {
    if (pass.builder.count === 0) return;
    const outputs = await device.run(pass.builder.build(), Uint32Array.from(pass.outputRows));
    pass.owners.forEach((job, i) => {
      const row = outputs.subarray(i * device.outputs, (i + 1) * device.outputs);
      results[job].set(row, filled[job]++ * device.outputs);
    });
    pass = new Pass(device.maxRows);
    await between();
  };
  for (const [index, job] of jobs.entries()) {
    for (let at = job.from; at < job.to;) {
      const end = Math.min(job.to, at + device.maxRows - pass.builder.count);
      if (end > at) pass.add(job, index, at, end);
      at = end;
      if (pass.builder.count === device.maxRows) await flush();
    }
  }
  await flush();
  return results;
}

class Pass {
  readonly builder: RowBatchBuilder;
  readonly outputRows: number[] = [];
  /** The job of each output row. */
  readonly owners: number[] = [];

  constructor(maxRows: number) {
    this.builder = new RowBatchBuilder(maxRows);
  }

  add(job: ReadJob, index: number, from: number, to: number): void {
    const start = this.builder.addList(job.list, to);
    for (let position = from; position < to; position++) {
      const row = this.builder.addRow(job.tokens[position], position, start);
      if (position < job.outputsFrom) continue;
      this.outputRows.push(row);
      this.owners.push(index);
    }
  }
}
