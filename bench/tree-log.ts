/**
 * Event logs with the shape of real ones and made-up contents, for the bench page and for tests of
 * layout and drawing. Deterministic in its options.
 */
import { StreamRandom } from '../src/shared/random.ts';
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../src/shared/run-config.ts';
import type { EventOf, RunEvent } from '../src/shared/run-events.ts';

export interface LogOptions {
  readonly strategy: RunConfig['strategy'];
  readonly budget: number;
  readonly width?: number;
  readonly steps?: number;
  readonly lookahead?: number;
  readonly chainLength?: number;
  readonly seed?: number;
}

type Node = EventOf<'node'>;

class LogWriter {
  readonly events: RunEvent[] = [];
  readonly random: StreamRandom;
  private readonly nodes: Node[] = [];
  private readonly quality = new Map<number, number>([[0, 0.5]]);
  private candidates = 0;
  private best = { id: 0, index: -1, score: -1 };

  constructor(readonly options: LogOptions) {
    this.random = new StreamRandom([options.seed ?? 1, 7]);
    const { strategy, budget, lookahead = 0, chainLength = 4 } = options;
    this.events.push({
      type: 'start',
      version: 1,
      config: { ...DEFAULT_RUN_CONFIG, strategy, budget, lookahead, chainLength },
      prompt: 'make 24: 4 6 7 8',
      family: 'countdown',
      level: 'small-4',
      policy: 'policy',
      verifier: 'prm',
      engine: 'made up',
    });
  }

  round(beams: number, requested: number): void {
    const round = this.events.filter((event) => event.type === 'round').length + 1;
    this.events.push({ type: 'round', round, beams, requested });
  }

  node(parent: number, depth: number, end: Node['end'], role: Node['role']): number {
    const { random } = this;
    const a = random.integer(1, 99);
    const b = random.integer(1, 99);
    const rest = [random.integer(1, 99), random.integer(1, 99)].slice(0, end === 'step' ? 2 : 0);
    const node: Node = {
      type: 'node',
      id: this.nodes.length + 1,
      parent,
      depth,
      text: `${a}+${b}=${a + b}|${[...rest, a + b].join(' ')}`,
      tokens: 14,
      logProb: -random.next() * 4,
      stream: [random.integer(0, 2 ** 31), random.integer(0, 2 ** 31)],
      end,
      role,
    };
    const before = this.quality.get(parent) ?? 0.5;
    const drift = (random.next() - 0.5) * 0.6;
    this.quality.set(node.id, Math.min(Math.max(before + drift, 0.01), 0.99));
    this.nodes.push(node);
    this.events.push(node);
    return node.id;
  }

  scoreOf(id: number): number {
    return this.quality.get(id) ?? 0;
  }

  score(id: number): void {
    this.events.push({ type: 'score', id, score: this.scoreOf(id) });
  }

  rank(ids: readonly number[], keeps: number): number[] {
    const sorted = [...ids].sort((a, b) => this.scoreOf(b) - this.scoreOf(a));
    sorted.forEach((id, i) => {
      const of = sorted.length;
      const value = this.scoreOf(id);
      this.events.push({ type: 'rank', id, rank: i + 1, of, keeps, kept: i < keeps, value });
    });
    return sorted.slice(0, keeps);
  }

  candidate(id: number, place: { chain?: number; attempt?: number } = {}): void {
    const score = this.scoreOf(id);
    const index = this.candidates++;
    if (score > this.best.score) this.best = { id, index, score };
    this.events.push({
      type: 'candidate',
      index,
      id,
      answer: '24',
      answerText: '24',
      stepScores: [score],
      logProb: -3,
      finished: true,
      correct: score > 0.6,
      copies: 1,
      ...place,
    });
  }

  finish(): RunEvent[] {
    const greedy = this.node(0, 1, 'step', 'greedy');
    const last = this.node(greedy, 2, 'solution', 'greedy');
    this.events.push({ type: 'baseline', id: last, answerText: '25', correct: false });
    this.events.push({
      type: 'answer',
      selection: 'weighted',
      answer: '24',
      answerText: '24',
      candidate: this.best.index < 0 ? null : this.best.index,
      correct: true,
      votes: [{ answer: '24', answerText: '24', weight: 1, count: this.candidates }],
    });
    this.events.push({ type: 'end', reason: 'done' });
    return this.events;
  }
}

export function makeLog(options: LogOptions): RunEvent[] {
  const writer = new LogWriter(options);
  if (options.strategy === 'best-of-n') writeSamples(writer);
  else if (options.strategy === 'revise') writeChains(writer);
  else writeSearch(writer);
  return writer.finish();
}

function writeSearch(writer: LogWriter): void {
  const { budget, width = 4, steps = 4, lookahead = 0 } = writer.options;
  let beams = [0];
  for (let depth = 1; depth <= steps && beams.length > 0; depth++) {
    writer.round(beams.length, budget);
    const isLast = depth === steps;
    const per = Math.floor(budget / beams.length);
    const ids = beams.flatMap((parent) =>
      Array.from({ length: per }, () =>
        writer.node(parent, depth, isLast ? 'solution' : 'step', 'step'),
      ),
    );
    if (lookahead > 0 && !isLast) {
      for (const id of ids) {
        let at = id;
        for (let k = 1; k <= lookahead; k++) at = writer.node(at, depth + k, 'step', 'rollout');
      }
    }
    ids.forEach((id) => writer.score(id));
    if (isLast) ids.forEach((id) => writer.candidate(id));
    else beams = writer.rank(ids, Math.max(1, Math.floor(budget / width)));
  }
}

function writeSamples(writer: LogWriter): void {
  const { budget, steps = 4 } = writer.options;
  writer.round(1, budget);
  const firsts: number[] = [];
  const paths = Array.from({ length: budget }, () => {
    const shares = firsts.length > 0 && writer.random.next() < 0.3;
    const first = shares
      ? firsts[writer.random.integer(0, firsts.length - 1)]
      : writer.node(0, 1, 'step', 'step');
    if (!shares) firsts.push(first);
    const path = [first];
    for (let depth = 2; depth <= steps; depth++) {
      path.push(writer.node(path[depth - 2], depth, depth === steps ? 'solution' : 'step', 'step'));
    }
    return path;
  });
  const scored = new Set<number>();
  for (const path of paths) {
    for (const id of path) if (!scored.has(id)) writer.score(id);
    path.forEach((id) => scored.add(id));
    writer.candidate(path[path.length - 1]);
  }
}

function writeChains(writer: LogWriter): void {
  const { budget, chainLength = 4, steps = 3 } = writer.options;
  const chains = Math.ceil(budget / chainLength);
  for (let attempt = 0; attempt < chainLength; attempt++) {
    writer.round(chains, chains);
    const ends = Array.from({ length: chains }, () => {
      let at = 0;
      for (let depth = 1; depth <= steps; depth++) {
        at = writer.node(at, depth, depth === steps ? 'solution' : 'step', 'revision');
      }
      return at;
    });
    ends.forEach((id, chain) => {
      writer.score(id);
      writer.candidate(id, { chain, attempt });
    });
  }
}
