/**
 * Which chain, attempt and line a revision's steps belong to. Attempts hang under the prompt in the
 * log; the order in which they arrive says whose they are: a round writes one attempt of each
 * chain, chains in order.
 */
export interface Line {
  readonly chain: number;
  /** From 0. */
  readonly attempt: number;
  /** Line of the attempt, from 0. */
  readonly line: number;
  /** First step of the attempt before; -1 for a first attempt. */
  readonly origin: number;
  /** The same line of the attempt before; -1 where there is none. */
  readonly prior: number;
}

interface Chain {
  readonly attempts: number[][];
}

export class ChainIndex {
  private readonly lines = new Map<number, Line>();
  private readonly chains: Chain[] = [];
  private next = 0;

  /** A round begins: the next attempt is that of the first chain. */
  openRound(): void {
    this.next = 0;
  }

  of(id: number): Line | undefined {
    return this.lines.get(id);
  }

  /** Steps of the longest attempt of a chain. */
  height(chain: number): number {
    return Math.max(1, ...this.chains[chain].attempts.map((steps) => steps.length));
  }

  get count(): number {
    return this.chains.length;
  }

  add(id: number, parent: number): Line {
    const above = this.lines.get(parent);
    const line = above === undefined ? this.openAttempt(id) : this.continueAttempt(id, above);
    this.lines.set(id, line);
    return line;
  }

  private openAttempt(id: number): Line {
    const chain = this.next++;
    const { attempts } = (this.chains[chain] ??= { attempts: [] });
    const before = attempts.at(-1)?.[0] ?? -1;
    attempts.push([id]);
    return { chain, attempt: attempts.length - 1, line: 0, origin: before, prior: before };
  }

  private continueAttempt(id: number, above: Line): Line {
    const { attempts } = this.chains[above.chain];
    attempts[above.attempt].push(id);
    const line = above.line + 1;
    const prior = above.attempt === 0 ? -1 : (attempts[above.attempt - 1][line] ?? -1);
    return { chain: above.chain, attempt: above.attempt, line, origin: -1, prior };
  }
}
