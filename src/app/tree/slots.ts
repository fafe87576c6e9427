/**
 * The rows of one depth that are taken, as sorted disjoint intervals. Allocation only ever adds:
 * what once had a place keeps it, which is what makes the live layout stable.
 */
export interface Span {
  readonly low: number;
  readonly high: number;
}

export class Column {
  private readonly taken: Span[] = [];

  get spans(): readonly Span[] {
    return this.taken;
  }

  /** Takes `size` rows as near to `center` as room allows and returns their lower end. */
  reserve(size: number, center: number): number {
    const ideal = center - size / 2;
    const { at, low } = this.nearest(size, ideal);
    this.insert(at, { low, high: low + size });
    return low;
  }

  /** Takes exactly [low, high), free or not. */
  occupy(low: number, high: number): void {
    let at = this.firstEndingAfter(low);
    let from = low;
    let to = high;
    while (at < this.taken.length && this.taken[at].low < to) {
      from = Math.min(from, this.taken[at].low);
      to = Math.max(to, this.taken[at].high);
      this.taken.splice(at, 1);
    }
    at = this.firstEndingAfter(from);
    this.insert(at, { low: from, high: to });
  }

  /** The free gap whose best position is nearest; gap i lies before `taken[i]`. */
  private nearest(size: number, ideal: number): { at: number; low: number } {
    const start = this.firstEndingAfter(ideal);
    let best: { at: number; low: number } | null = null;
    const consider = (at: number) => {
      const from = at === 0 ? -Infinity : this.taken[at - 1].high;
      const to = at === this.taken.length ? Infinity : this.taken[at].low;
      if (to - from < size) return;
      const low = Math.min(Math.max(ideal, from), to - size);
      if (best === null || Math.abs(low - ideal) < Math.abs(best.low - ideal)) best = { at, low };
    };
    // Outwards from where it would like to be; a side is done once its gaps lie farther than `best`.
    for (let up = start, down = start + 1; up >= 0 || down <= this.taken.length; up--, down++) {
      if (up >= 0) consider(up);
      if (down <= this.taken.length) consider(down);
      if (best !== null && this.isBeyond(up - 1, down + 1, size, ideal, best)) break;
    }
    return best ?? { at: this.taken.length, low: ideal };
  }

  private isBeyond(up: number, down: number, size: number, ideal: number, best: { low: number }) {
    const reach = Math.abs(best.low - ideal);
    const above = up < 0 || ideal - (this.taken[up].low - size) >= reach;
    const below = down > this.taken.length || this.taken[down - 1].high - ideal >= reach;
    return above && below;
  }

  private firstEndingAfter(row: number): number {
    let low = 0;
    let high = this.taken.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.taken[middle].high > row) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Neighbours that touch become one interval, so that full columns stay cheap. */
  private insert(at: number, span: Span): void {
    const before = at > 0 ? this.taken[at - 1] : undefined;
    const after = at < this.taken.length ? this.taken[at] : undefined;
    const joinsBefore = before !== undefined && before.high >= span.low;
    const joinsAfter = after !== undefined && after.low <= span.high;
    const low = joinsBefore ? before.low : span.low;
    const high = joinsAfter ? Math.max(after.high, span.high) : span.high;
    const from = joinsBefore ? at - 1 : at;
    this.taken.splice(from, (joinsBefore ? 1 : 0) + (joinsAfter ? 1 : 0), { low, high });
  }
}

export interface WishedBlock {
  readonly center: number;
  readonly size: number;
  /** How much its wish counts; 1 if absent. */
  readonly weight?: number;
}

/**
 * Lower ends for blocks in the given order, not overlapping, with the least weighted sum of squared
 * distances from their wished centres (pool-adjacent-violators on what is left of each centre after
 * the blocks before it: Ayer et al. 1955).
 */
export function packBlocks(blocks: readonly WishedBlock[]): number[] {
  const pools: { sum: number; weight: number; count: number }[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const { center, size, weight = 1 } of blocks) {
    offsets.push(offset);
    pools.push({ sum: weight * (center - size / 2 - offset), weight, count: 1 });
    offset += size;
    for (;;) {
      const last = pools[pools.length - 1];
      const previous = pools.length > 1 ? pools[pools.length - 2] : undefined;
      if (previous === undefined || previous.sum / previous.weight <= last.sum / last.weight) break;
      previous.sum += last.sum;
      previous.weight += last.weight;
      previous.count += last.count;
      pools.pop();
    }
  }
  const means = pools.flatMap((pool) => new Array<number>(pool.count).fill(pool.sum / pool.weight));
  return offsets.map((at, i) => at + means[i]);
}
