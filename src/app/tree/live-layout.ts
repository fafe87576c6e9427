/**
 * Places nodes while a run is still going on. A fold over the event log in which every node gets its
 * row when it appears and keeps it: nothing on screen moves because something was added, and the
 * result does not depend on how the log was cut into batches.
 *
 * When a round begins, all beams that will be extended are known; their blocks of children are
 * packed next to them in one go, in order, so that edges do not cross.
 */
import type { EventOf, RunEvent } from '../../shared/run-events.ts';
import { ChainIndex, type Line } from './chains.ts';
import {
  CHAIN_GAP,
  COUSIN_GAP,
  ghostDepth,
  type Bounds,
  type Fold,
  type Placement,
} from './placement.ts';
import { Column, packBlocks } from './slots.ts';

/** Lines of an attempt that a chain has room for before its length is known. */
const LIVE_CHAIN_ROWS = 6;

interface Block {
  next: number;
  readonly end: number;
}

interface Known {
  readonly parent: number;
  readonly round: number;
  readonly role: EventOf<'node'>['role'];
  /** Rollout steps since the step they belong to; 0 for every other role. */
  readonly ghost: number;
  readonly complete: boolean;
  kept: boolean;
}

export class LiveLayout implements Placement {
  readonly depth: number[] = [];
  readonly row: number[] = [];
  readonly foldOf: number[] = [];
  readonly origin: number[] = [];
  readonly prior: number[] = [];
  readonly extent = null;
  folds: readonly Fold[] = [];
  private readonly known: Known[] = [];
  private readonly columns: Column[] = [];
  private readonly blocks = new Map<number, Block>();
  private readonly chains = new ChainIndex();
  /** Rows set aside for each revision chain. */
  private readonly chainRows: { readonly low: number; high: number }[] = [];
  private frontier: number[] = [];
  private round = 0;
  private perBeam = 1;
  private rollout = 1;
  private budget = 1;
  private lowRow = 0;
  private highRow = 0;
  private maxDepth = 0;
  /** Events placed so far. */
  cursor = 0;

  get bounds(): Bounds {
    return { lowRow: this.lowRow, highRow: this.highRow, maxDepth: this.maxDepth, lastStep: 0 };
  }

  advance(events: readonly RunEvent[], end = events.length): this {
    for (; this.cursor < end; this.cursor++) this.push(events[this.cursor]);
    return this;
  }

  /** Takes over another layout of the same nodes; later nodes are placed around it. */
  rebase(tidy: Placement): void {
    this.columns.length = 0;
    this.blocks.clear();
    this.folds = tidy.folds;
    this.lowRow = tidy.bounds.lowRow;
    this.highRow = tidy.bounds.highRow;
    for (let id = 0; id < this.row.length; id++) {
      this.row[id] = tidy.row[id];
      this.depth[id] = tidy.depth[id];
      this.foldOf[id] = tidy.foldOf[id];
      if (this.known[id].role !== 'rollout') {
        this.column(this.depth[id]).occupy(this.row[id] - 0.5, this.row[id] + 0.5);
      }
    }
  }

  private push(event: RunEvent): void {
    switch (event.type) {
      case 'start':
        this.budget = event.config.budget;
        this.rollout = Math.max(event.config.lookahead, 1);
        this.add(
          { parent: 0, round: 0, role: 'step', ghost: 0, complete: false, kept: true },
          0,
          0,
        );
        return;
      case 'round':
        this.round++;
        this.chains.openRound();
        this.perBeam = Math.max(1, Math.ceil(event.requested / Math.max(event.beams, 1)));
        this.frontier = this.growing();
        return;
      case 'rank':
        this.known[event.id].kept = event.kept;
        return;
      case 'node':
        return this.place(event);
      default:
        return;
    }
  }

  private place(event: EventOf<'node'>): void {
    const parent = this.known[event.parent];
    const known: Known = {
      parent: event.parent,
      round: this.round,
      role: event.role,
      ghost: event.role === 'rollout' ? parent.ghost + 1 : 0,
      complete: event.end !== 'step',
      kept: event.role === 'given',
    };
    if (event.role === 'rollout') {
      const owner = this.ownerOf(event.parent);
      this.add(known, ghostDepth(this.depth[owner], known.ghost, this.rollout), this.row[owner]);
      return;
    }
    if (event.role === 'revision') {
      this.placeRevision(known, event);
      return;
    }
    const depth = this.depth[event.parent] + 1;
    this.add(known, depth, this.takeRow(event.parent, depth, event.role));
  }

  /** Chains are rows, attempts columns, the steps of an attempt its lines. */
  private placeRevision(known: Known, event: EventOf<'node'>): void {
    const line = this.chains.add(event.id, event.parent);
    const column = this.column(line.attempt + 1);
    const rows = this.rowsOfChain(line);
    const low = rows.low + line.line;
    // The last chain still has open space behind it; a later attempt that outgrows its chain does
    // not, and its lines go to the nearest rows that are free.
    if (line.chain === this.chainRows.length - 1) rows.high = Math.max(rows.high, low + 1);
    const row = this.cover(column.reserve(1, low + 0.5), 1) + 0.5;
    this.add(known, line.attempt + 1, row, line);
  }

  private rowsOfChain(line: Line): { readonly low: number; high: number } {
    const rows = this.chainRows[line.chain];
    if (rows !== undefined) return rows;
    const low = line.chain === 0 ? -0.5 : this.chainRows[line.chain - 1].high + CHAIN_GAP;
    const made = { low, high: low + LIVE_CHAIN_ROWS };
    this.chainRows.push(made);
    this.cover(low, LIVE_CHAIN_ROWS);
    return made;
  }

  private ownerOf(id: number): number {
    let at = id;
    while (this.known[at].role === 'rollout') at = this.known[at].parent;
    return at;
  }

  private takeRow(parent: number, depth: number, role: Known['role']): number {
    const column = this.column(depth);
    if (role === 'greedy' && parent === 0) {
      // Outside the search's own rows, wherever in the log the baseline comes.
      return this.cover(column.reserve(1, -(this.budget / 2) - 1.5), 1) + 0.5;
    }
    let block = this.blocks.get(parent);
    if (block === undefined || block.next >= block.end) {
      if (block === undefined) this.planRound(parent, depth);
      block = this.blocks.get(parent);
      if (block === undefined || block.next >= block.end) block = this.openBlock(parent, depth, 1);
    }
    const row = block.next + 0.5;
    block.next += 1;
    return row;
  }

  /** Reserves the children of every beam of this round that stands beside `parent`. */
  private planRound(parent: number, depth: number): void {
    if (this.known[parent].round === this.round) return;
    const beams = this.frontier.filter(
      (id) => this.depth[id] === depth - 1 && !this.blocks.has(id) && this.known[id].kept,
    );
    if (!beams.includes(parent)) {
      this.openBlock(parent, depth, this.perBeam);
      return;
    }
    beams.sort((a, b) => this.row[a] - this.row[b]);
    const size = this.perBeam + COUSIN_GAP;
    const lows = packBlocks(beams.map((id) => ({ center: this.row[id], size })));
    const column = this.column(depth);
    const free = column.spans.length === 0;
    beams.forEach((id, i) => {
      const low = free ? lows[i] : column.reserve(size, lows[i] + size / 2);
      if (free) column.occupy(low, low + size);
      const start = this.cover(low, size) + COUSIN_GAP / 2;
      this.blocks.set(id, { next: start, end: start + this.perBeam });
    });
  }

  private openBlock(parent: number, depth: number, size: number): Block {
    const low = this.cover(this.column(depth).reserve(size, this.row[parent]), size);
    const block = { next: low, end: low + size };
    this.blocks.set(parent, block);
    return block;
  }

  /** Nodes that a coming round can extend. */
  private growing(): number[] {
    const ids: number[] = [];
    this.known.forEach((node, id) => {
      const canGrow = node.role === 'step' || node.role === 'given';
      if (node.kept && !node.complete && canGrow) ids.push(id);
    });
    return ids;
  }

  private column(depth: number): Column {
    return (this.columns[depth] ??= new Column());
  }

  private cover(low: number, size: number): number {
    this.lowRow = Math.min(this.lowRow, low + 0.5);
    this.highRow = Math.max(this.highRow, low + size - 0.5);
    return low;
  }

  private add(known: Known, depth: number, row: number, line?: Line): void {
    this.known.push(known);
    this.origin.push(
      line === undefined || line.attempt === 0 || line.line > 0 ? known.parent : line.origin,
    );
    this.prior.push(line?.prior ?? -1);
    this.depth.push(depth);
    this.row.push(row);
    this.foldOf.push(-1);
    if (known.role !== 'rollout') this.maxDepth = Math.max(this.maxDepth, depth);
  }
}
