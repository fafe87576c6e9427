/**
 * Drives `decode` of a device until every lane has ended: packs live lanes into plans of at most
 * `maxRows` lanes and `stepsPerPlan` steps, and reads the results back into the lanes.
 */
import { invariant } from '../shared/errors.ts';
import type { Stream } from '../shared/random.ts';
import type { DecodePlan, DecodeResult, TransformerDevice } from './device.ts';
import type { SlotList } from './kv-pool.ts';
import { RowBatchBuilder } from './row-batch.ts';

/** One continuation being sampled. `list` already holds the slots of all tokens it may write. */
export interface Lane {
  readonly list: SlotList;
  /** Lanes with one `parent` sample their first token from one computed row. */
  readonly parent: object;
  readonly parentLength: number;
  readonly parentLastToken: number;
  readonly stream: Stream;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly stopCount: number;
  readonly stopTokens: readonly number[];
  readonly finalTokens: readonly number[];
  readonly tokens: number[];
  readonly logProbs: number[];
}

/** Lanes must share `stopTokens` and `finalTokens`. `between` runs after every plan, may throw. */
export async function decodeLanes(
  device: TransformerDevice,
  lanes: readonly Lane[],
  between: () => Promise<void>,
): Promise<void> {
  let live = [...lanes];
  while (live.length > 0) {
    for (let at = 0; at < live.length; at += device.maxRows) {
      const group = live.slice(at, at + device.maxRows);
      const plan = planFor(device, group);
      readResult(group, plan, await device.decode(plan));
      await between();
    }
    live = live.filter((lane) => !hasEnded(lane));
  }
}

function hasEnded(lane: Lane): boolean {
  return (
    lane.tokens.length >= lane.maxTokens ||
    lane.finalTokens.includes(lane.tokens[lane.tokens.length - 1]) ||
    stopsSeen(lane) >= lane.stopCount
  );
}

function stopsSeen(lane: Lane): number {
  let seen = 0;
  for (const token of lane.tokens) if (lane.stopTokens.includes(token)) seen++;
  return seen;
}

function planFor(device: TransformerDevice, lanes: readonly Lane[]): DecodePlan {
  const longest = Math.max(...lanes.map((lane) => lane.maxTokens - lane.tokens.length));
  const steps = Math.min(device.stepsPerPlan, longest);
  const builder = new RowBatchBuilder(lanes.length);
  const sources = new Uint32Array(lanes.length);
  const laneListStarts = new Uint32Array(lanes.length);
  const rowOfPrefix = new Map<object, Map<string, number>>();
  lanes.forEach((lane, index) => {
    const position = lane.parentLength + lane.tokens.length - 1;
    const entries = Math.min(lane.list.length, position + steps);
    laneListStarts[index] = builder.addList(lane.list, entries);
    const own = rowOfPrefix.get(lane.parent) ?? new Map<string, number>();
    rowOfPrefix.set(lane.parent, own);
    const shares = lane.tokens.length === 0 || device.mergesLanes === true;
    const prefix = shares ? lane.tokens.join() : `lane ${index}`;
    let row = own.get(prefix);
    if (row === undefined) {
      const token = lane.tokens.at(-1) ?? lane.parentLastToken;
      row = builder.addRow(token, position, laneListStarts[index]);
      own.set(prefix, row);
    }
    sources[index] = row;
  });
  return {
    rows: builder.build(),
    lanes: lanes.length,
    steps,
    sources,
    laneListStarts,
    firstPositions: Uint32Array.from(lanes, (lane) => lane.parentLength + lane.tokens.length),
    streams: Uint32Array.from(lanes.flatMap((lane) => lane.stream)),
    temperatures: Float32Array.from(lanes, (lane) => lane.temperature),
    topK: Uint32Array.from(lanes, (lane) => lane.topK),
    topP: Float32Array.from(lanes, (lane) => lane.topP),
    maxTokens: Uint32Array.from(lanes, (lane) =>
      Math.min(steps, lane.maxTokens - lane.tokens.length),
    ),
    stopCounts: Uint32Array.from(lanes, (lane) => lane.stopCount - stopsSeen(lane)),
    stopTokens: lanes[0].stopTokens,
    finalTokens: lanes[0].finalTokens,
  };
}

function readResult(lanes: readonly Lane[], plan: DecodePlan, result: DecodeResult): void {
  lanes.forEach((lane, index) => {
    const count = result.counts[index];
    invariant(count >= 1 && count <= plan.maxTokens[index], 'a live lane samples 1 … maxTokens');
    for (let i = index * plan.steps; i < index * plan.steps + count; i++) {
      lane.tokens.push(result.tokens[i]);
      lane.logProbs.push(result.logProbs[i]);
    }
  });
}
