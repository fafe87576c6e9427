/** Which passes of a call attend in tiles, their tables side by side, and what they read. */
import type { DecodePlan, RowBatch } from '../device.ts';
import {
  listedSlots,
  tilesThatPay,
  type AttendingRows,
  type AttentionTiles,
} from './kernels/attention-tiles.ts';

/** How one pass attends. */
export interface PassTiles {
  /** 0: each row by itself. */
  readonly tiles: number;
  readonly tilesAt: number;
  /** Slots that one KV head reads in one layer at most, and would read row by row. */
  readonly readSlots: number;
  readonly listedSlots: number;
}

export interface AttentionPlan {
  readonly first: PassTiles;
  /** Of every further step of a decode plan. */
  readonly next: PassTiles;
  readonly words: Uint32Array<ArrayBuffer>;
}

/** `lanes`: the decode plan that goes on from `batch`. */
export function planAttention(
  batch: RowBatch,
  lanes: DecodePlan | null,
  tileRows: number,
): AttentionPlan {
  const rows = rowsOf(batch);
  const first = tilesThatPay(rows, tileRows);
  const firstWords = first?.words ?? new Uint32Array(0);
  const nextRows = lanes === null || lanes.steps < 2 ? null : lanesOf(lanes);
  const next = nextRows && tilesThatPay(nextRows, tileRows, firstWords.length);
  const nextWords = next?.words ?? new Uint32Array(0);
  const words = new Uint32Array(firstWords.length + nextWords.length);
  words.set(firstWords);
  words.set(nextWords, firstWords.length);
  return {
    first: passOf(rows, first, 0),
    next: nextRows ? passOf(nextRows, next, firstWords.length) : NOTHING,
    words,
  };
}

const NOTHING: PassTiles = { tiles: 0, tilesAt: 0, readSlots: 0, listedSlots: 0 };

function passOf(rows: AttendingRows, tiles: AttentionTiles | null, tilesAt: number): PassTiles {
  const listed = listedSlots(rows);
  return {
    tiles: tiles?.tiles ?? 0,
    tilesAt,
    readSlots: tiles?.entries ?? listed,
    listedSlots: listed,
  };
}

function rowsOf({ count, listStarts, positions, slotLists }: RowBatch): AttendingRows {
  return { count, listStarts, ends: positions.map((position) => position + 1), slotLists };
}

/** The lanes as rows of their last step; before it they attend to less, which the kernel sees to. */
function lanesOf(plan: DecodePlan): AttendingRows {
  const { lanes, laneListStarts, firstPositions, maxTokens, rows } = plan;
  return {
    count: lanes,
    listStarts: laneListStarts,
    ends: firstPositions.map((position, lane) => position + maxTokens[lane] - 1),
    slotLists: rows.slotLists,
  };
}
