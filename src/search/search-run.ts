/**
 * The state every strategy shares: node ids, the events not yet handed out, the ledger and the
 * candidates. It turns what policy and verifier return into run events in a deterministic order,
 * and splits batches that do not fit the engine's memory. It makes no choice of its own.
 */
import { cutStep, rootBranch, stepTexts, type Branch } from '../shared/branch.ts';
import { invariant, throwIfAborted } from '../shared/errors.ts';
import type { Ledger } from '../shared/ledger.ts';
import type { ExtendRequest } from '../shared/policy.ts';
import { rootStream, type Stream } from '../shared/random.ts';
import type { Aggregation, RunConfig } from '../shared/run-config.ts';
import type { EventOf, RunEvent } from '../shared/run-events.ts';
import { aggregate } from '../verify/aggregate.ts';
import { selectAnswer, type Choice } from '../verify/select.ts';
import type { Verdict, Verifier } from '../verify/verifier.ts';
import { LedgerMeter } from './ledger-meter.ts';
import { extendInParts, scoreInParts } from './split-batch.ts';
import { DEFAULT_TOKEN_LIMITS, type SearchContext, type TokenLimits } from './strategy.ts';

type Role = EventOf<'node'>['role'];
type Candidate = EventOf<'candidate'>;

/** A node of the tree. `branch` is the first one sampled; merged duplicates share the record. */
export interface NodeRecord {
  readonly id: number;
  readonly branch: Branch;
  readonly parent: NodeRecord | null;
  copies: number;
  score: number | null;
}

/** A distinct node among freshly sampled leaves, with the times it was sampled in that batch. */
export interface Arrival {
  readonly node: NodeRecord;
  copies: number;
}

export interface ArrivalOptions {
  readonly role: Role;
  /** Steps merge only inside a scope: the subtrees of DVTS stay independent. */
  readonly scope?: number;
}

export class SearchRun {
  /** In effect: `auto` goes on with the settings of its choice. */
  config: RunConfig;
  /** Where the search begins: the prompt, or the last of the steps it was given. */
  readonly root: Branch;
  readonly limits: TokenLimits;
  readonly candidates: Candidate[] = [];
  private readonly paths: string[][] = [];
  private readonly meter: LedgerMeter;
  private readonly records = new Map<Branch, NodeRecord>();
  private readonly merged = new Map<string, NodeRecord>();
  /** Complete solutions that have not become candidates yet; a stop must not lose them. */
  private readonly pending = new Set<Arrival>();
  private readonly rootRecord: NodeRecord;
  /** Steps of an earlier run, in order. */
  private readonly given: NodeRecord[] = [];
  private queue: RunEvent[] = [];
  private nextId = 1;
  private lastLedger = '';
  private circles = false;

  constructor(readonly context: SearchContext) {
    this.config = context.config;
    this.limits = context.limits ?? DEFAULT_TOKEN_LIMITS;
    this.meter = new LedgerMeter(() => context.clock());
    const { prompt, from = [], config } = context;
    // Other steps to begin with, other draws.
    const stream = rootStream(config.seed, [prompt, ...from].join('\n'));
    const top = rootBranch(prompt, stream);
    this.rootRecord = { id: 0, branch: top, parent: null, copies: 1, score: null };
    this.records.set(top, this.rootRecord);
    this.root = this.openGiven(top, from);
  }

  /** Another start at the same place, so that a second phase of `auto` draws other samples. */
  restart(stream: Stream): Branch {
    let at = this.newRoot(this.context.prompt, stream);
    for (const record of this.given) {
      at = givenStep(at, record.branch.text);
      this.records.set(at, record);
    }
    return at;
  }

  /** Another starting point that is drawn as the same root: what a reviser reads. */
  newRoot(prompt: string, stream: Stream): Branch {
    const root = rootBranch(prompt, stream);
    this.records.set(root, this.rootRecord);
    return root;
  }

  emit(event: RunEvent): void {
    this.queue.push(event);
  }

  note(code: string, text: string): void {
    this.emit({ type: 'note', code, text });
  }

  /** Hands out the events since the last call. */
  drain(): RunEvent[] {
    const events = this.queue;
    this.queue = [];
    return events;
  }

  /** Charges `count` complete answers to the budget (unit: see ledger-meter.ts). */
  openGenerations(count: number): void {
    this.meter.openGenerations(count);
  }

  /** What the run has cost so far. */
  spent(): Ledger {
    return this.meter.ledger();
  }

  /** Emits the ledger if anything but the clock moved. */
  emitLedger(): void {
    const ledger = this.meter.ledger();
    const fingerprint = JSON.stringify({ ...ledger, elapsedMs: 0 });
    if (fingerprint === this.lastLedger) return;
    this.lastLedger = fingerprint;
    this.emit({ type: 'ledger', ledger });
  }

  /** Leaves of each request, in order. Charged, except for the baseline. */
  async extend(
    requests: readonly ExtendRequest[],
    options: { policy?: SearchContext['policy']; charged?: boolean } = {},
  ): Promise<(readonly Branch[])[]> {
    if (requests.length === 0) return [];
    throwIfAborted(this.context.signal);
    const policy = options.policy ?? this.context.policy;
    const makeRoom = () => this.releaseAll();
    const extensions = await extendInParts(policy, requests, this.context.signal, makeRoom);
    for (const extension of extensions) {
      if (options.charged ?? true) this.meter.addPolicy(extension.usage);
    }
    return extensions.map((extension) => extension.leaves);
  }

  async score(branches: readonly Branch[], verifier: Verifier): Promise<Verdict[]> {
    if (branches.length === 0) return [];
    throwIfAborted(this.context.signal);
    const makeRoom = () => verifier.release(this.records.keys());
    const verdicts = await scoreInParts(verifier, branches, this.context.signal, makeRoom);
    for (const verdict of verdicts) this.meter.addVerifier(verdict.usage);
    if (verifier.capabilities.perStep) this.scoreGiven(verdicts[0]);
    return verdicts;
  }

  /** Puts sampled leaves, with the steps that lead to them, into the tree. Distinct ones only, in
   * order of first appearance; what merged into another is let go. */
  addLeaves(leaves: readonly Branch[], options: ArrivalOptions): Arrival[] {
    const arrivals = new Map<NodeRecord, Arrival>();
    const surplus: Branch[] = [];
    for (const leaf of leaves) {
      const node = this.addPath(leaf, options);
      if (node.branch !== leaf) surplus.push(leaf);
      const arrival = arrivals.get(node);
      if (arrival === undefined) arrivals.set(node, { node, copies: 1 });
      else arrival.copies++;
    }
    this.release(surplus);
    const all = [...arrivals.values()];
    if (options.role === 'step' || options.role === 'revision') {
      for (const arrival of all)
        if (arrival.node.branch.end === 'solution') this.pending.add(arrival);
    }
    return all;
  }

  /** Emits the scores of a path, except where a node has one already. */
  addScores(node: NodeRecord, stepScores: readonly number[]): void {
    const path: NodeRecord[] = [];
    for (let at: NodeRecord | null = node; at !== null && at.id !== 0; at = at.parent) {
      path.push(at);
    }
    path.reverse();
    // A verifier without step scores speaks about the last step only.
    const skipped = path.length - stepScores.length;
    for (let i = Math.max(0, skipped); i < path.length; i++) {
      if (path[i].score === null) this.setScore(path[i], stepScores[i - skipped]);
    }
  }

  setScore(node: NodeRecord, score: number): void {
    node.score = score;
    this.emit({ type: 'score', id: node.id, score });
  }

  /** Lets a solution take part in the selection. */
  addCandidate(
    arrival: Arrival,
    stepScores: readonly number[],
    place: Pick<Candidate, 'chain' | 'attempt' | 'saw'> = {},
  ): Candidate {
    this.pending.delete(arrival);
    const { branch } = arrival.node;
    const steps = stepTexts(branch);
    const grade = this.context.grade(steps);
    const finished = branch.end === 'solution' && grade.finished;
    const candidate: Candidate = {
      type: 'candidate',
      index: this.candidates.length,
      id: arrival.node.id,
      answer: finished ? grade.answer : null,
      answerText: finished ? grade.answerText : null,
      stepScores: [...stepScores],
      logProb: logProbOf(branch),
      finished,
      correct: finished && grade.answer !== null ? grade.correct : null,
      copies: arrival.copies,
      ...place,
    };
    this.candidates.push(candidate);
    this.paths.push(steps);
    this.emit(candidate);
    return candidate;
  }

  /** Complete solutions that were cut off from scoring by a stop become candidates as they are. */
  addPendingCandidates(): void {
    for (const arrival of [...this.pending]) this.addCandidate(arrival, []);
  }

  stepsOf(candidate: number): readonly string[] {
    return this.paths[candidate];
  }

  aggregation(): Aggregation {
    const { reviser, verifier } = this.context;
    const own = this.config.strategy === 'revise' ? reviser?.verifier : verifier;
    return this.config.aggregation ?? own?.capabilities.aggregation ?? 'last';
  }

  /** The candidates' answer under the configured rule. */
  choose(): Choice {
    const how = this.aggregation();
    return selectAnswer(
      this.candidates.map((candidate) => ({
        ...candidate,
        score: aggregate(candidate.stepScores, how),
      })),
      this.config.selection,
    );
  }

  release(branches: readonly Branch[]): void {
    if (branches.length === 0) return;
    const { policy, verifier, reviser } = this.context;
    policy.release(branches);
    verifier?.release(branches);
    reviser?.policy.release(branches);
    reviser?.verifier?.release(branches);
  }

  releaseAll(): void {
    this.release([...this.records.keys()]);
  }

  /** The steps to go on from, as the first nodes of the log. Returns the last of them. */
  private openGiven(top: Branch, steps: readonly string[]): Branch {
    let at = top;
    for (const text of steps) {
      const parent = this.given.at(-1) ?? this.rootRecord;
      at = givenStep(at, text);
      const node = this.addNode(parent, at, 'given');
      this.given.push(node);
    }
    return at;
  }

  /** The first verdict covers what was given, too. */
  private scoreGiven({ stepScores }: Verdict): void {
    this.given.forEach((node, at) => {
      if (node.score === null && at < stepScores.length) this.setScore(node, stepScores[at]);
    });
  }

  private addPath(leaf: Branch, options: ArrivalOptions): NodeRecord {
    const fresh: Branch[] = [];
    let at: Branch = leaf;
    let record = this.records.get(at);
    while (record === undefined) {
      fresh.push(at);
      invariant(at.parent !== null, 'a sampled step leads back to a root of this run');
      at = at.parent;
      record = this.records.get(at);
    }
    for (const branch of fresh.reverse()) record = this.addStep(record, branch, options);
    return record;
  }

  private addStep(parent: NodeRecord, branch: Branch, options: ArrivalOptions): NodeRecord {
    if (branch.lost !== undefined) {
      const { message, advice } = branch.lost;
      this.note('branch-lost', `A branch was lost: ${message} ${advice}`);
    }
    if (branch.end === 'repetition') this.noteRepetition();
    const merges = this.config.mergeDuplicates && options.role === 'step';
    const key = `${parent.id} ${options.scope ?? 0} ${branch.end} ${branch.text}`;
    const twin = merges ? this.merged.get(key) : undefined;
    if (twin !== undefined) {
      twin.copies++;
      this.records.set(branch, twin);
      this.emit({ type: 'duplicate', id: twin.id, copies: twin.copies });
      return twin;
    }
    const node = this.addNode(parent, branch, options.role);
    if (merges) this.merged.set(key, node);
    return node;
  }

  /** Once a run: each such node says it of itself. */
  private noteRepetition(): void {
    if (this.circles) return;
    this.circles = true;
    this.note(
      'repetition',
      'Branches that went round in circles (the same step, or few steps in turn, three times running) were ended; they are charged like the others.',
    );
  }

  private addNode(parent: NodeRecord, branch: Branch, role: Role): NodeRecord {
    const node: NodeRecord = { id: this.nextId++, branch, parent, copies: 1, score: null };
    this.records.set(branch, node);
    this.emit({
      type: 'node',
      id: node.id,
      parent: parent.id,
      depth: branch.depth,
      text: branch.text,
      tokens: branch.tokenCount,
      logProb: branch.logProb,
      stream: [branch.stream[0], branch.stream[1]],
      end: branch.end,
      role,
    });
    return node;
  }
}

/** A step that nobody wrote in this run: it costs nothing and has no probability. */
function givenStep(parent: Branch, text: string): Branch {
  return { ...cutStep(parent, parent.stream), text, end: 'step' };
}

function logProbOf(branch: Branch): number {
  let sum = 0;
  for (let at: Branch | null = branch; at !== null; at = at.parent) sum += at.logProb;
  return sum;
}
