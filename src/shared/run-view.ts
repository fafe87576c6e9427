/**
 * The fold of a run's event log: what is known after a prefix of it. Live, replayed, stored and
 * shipped runs are shown through this one function. Views are advanced in place (20,000 nodes are
 * ordinary), so holders compare `revision`, not identity; going back means folding anew.
 */
import type { StepEnd } from './branch.ts';
import { invariant } from './errors.ts';
import { EMPTY_LEDGER, type Ledger } from './ledger.ts';
import type { EventOf, RunEvent } from './run-events.ts';
import { isRight } from './truth.ts';

export type NodeState = 'open' | 'kept' | 'pruned' | 'finished';

export interface NodeView {
  readonly id: number;
  readonly parent: number;
  readonly depth: number;
  readonly text: string;
  readonly tokens: number;
  readonly logProb: number;
  readonly stream: readonly [number, number];
  readonly end: StepEnd;
  readonly role: EventOf<'node'>['role'];
  readonly children: number[];
  state: NodeState;
  /** Times the same step was sampled, itself included. */
  copies: number;
  /** The verifier's score of this step; null until it has answered. */
  score: number | null;
  rank: EventOf<'rank'> | null;
  /** Set where a candidate solution ends here. */
  candidate: number | null;
  correct: boolean | null;
  /** On the path of the chosen answer. */
  best: boolean;
}

export type RunStatus = 'empty' | 'running' | 'done' | 'stopped' | 'failed';

export interface RunView {
  revision: number;
  /** Events folded in so far. */
  cursor: number;
  status: RunStatus;
  start: EventOf<'start'> | null;
  /** Set where the visitor has given the right answer. */
  truth: EventOf<'truth'> | null;
  /** `nodes[id]`; 0 is the prompt. */
  readonly nodes: NodeView[];
  round: EventOf<'round'> | null;
  readonly candidates: EventOf<'candidate'>[];
  readonly notes: EventOf<'note'>[];
  baseline: EventOf<'baseline'> | null;
  ledger: Ledger;
  answer: EventOf<'answer'> | null;
  error: { readonly code: string; readonly message: string; readonly advice: string } | null;
}

export function emptyView(): RunView {
  return {
    revision: 0,
    cursor: 0,
    status: 'empty',
    start: null,
    truth: null,
    nodes: [],
    round: null,
    candidates: [],
    notes: [],
    baseline: null,
    ledger: EMPTY_LEDGER,
    answer: null,
    error: null,
  };
}

/** Advances `view` by `events[view.cursor … cursor)`. Throws (invariant) on an impossible log. */
export function advanceView(view: RunView, events: readonly RunEvent[], cursor: number): RunView {
  invariant(cursor >= view.cursor, 'a view only moves forward');
  const end = Math.min(cursor, events.length);
  for (let i = view.cursor; i < end; i++) apply(view, events[i]);
  if (end > view.cursor) view.revision++;
  view.cursor = end;
  return view;
}

export function viewAt(events: readonly RunEvent[], cursor: number): RunView {
  return advanceView(emptyView(), events, cursor);
}

/** Ids from the first step to `id`, without the root. */
export function pathTo(view: RunView, id: number): number[] {
  const path: number[] = [];
  for (let at = id; at !== 0; at = nodeOf(view, at).parent) path.push(at);
  return path.reverse();
}

/** The steps from the first to `id`, as written. */
export function stepsTo(view: RunView, id: number): string[] {
  return pathTo(view, id).map((at) => view.nodes[at].text);
}

function nodeOf(view: RunView, id: number): NodeView {
  const node = view.nodes[id];
  invariant(node !== undefined, `the log names node ${id} before it appears`);
  return node;
}

function apply(view: RunView, event: RunEvent): void {
  switch (event.type) {
    case 'start':
      view.start = event;
      view.status = 'running';
      view.nodes.push(rootNode(event.prompt));
      return;
    case 'truth':
      view.truth = event;
      return;
    case 'round':
      view.round = event;
      return;
    case 'node':
      return addNode(view, event);
    case 'duplicate':
      nodeOf(view, event.id).copies = event.copies;
      return;
    case 'score':
      nodeOf(view, event.id).score = event.score;
      return;
    case 'rank':
      return applyRank(nodeOf(view, event.id), event);
    case 'candidate':
      return addCandidate(view, event);
    case 'baseline':
      return applyBaseline(view, event);
    case 'note':
      view.notes.push(event);
      return;
    case 'ledger':
      view.ledger = event.ledger;
      return;
    case 'answer':
      return applyAnswer(view, event);
    case 'end':
      view.status = event.reason;
      view.error = event.error ?? null;
      return;
  }
}

function rootNode(prompt: string): NodeView {
  return {
    id: 0,
    parent: 0,
    depth: 0,
    text: prompt,
    tokens: 0,
    logProb: 0,
    stream: [0, 0],
    end: 'step',
    role: 'step',
    children: [],
    state: 'kept',
    copies: 1,
    score: null,
    rank: null,
    candidate: null,
    correct: null,
    best: false,
  };
}

function addNode(view: RunView, event: EventOf<'node'>): void {
  invariant(event.id === view.nodes.length, `node ids count up: got ${event.id}`);
  nodeOf(view, event.parent).children.push(event.id);
  view.nodes.push({
    ...rootNode(event.text),
    ...event,
    children: [],
    state: event.role === 'given' ? 'kept' : 'open',
  });
}

function applyBaseline(view: RunView, event: EventOf<'baseline'>): void {
  const correct = view.truth === null ? event.correct : view.truth.baseline;
  view.baseline = { ...event, correct };
  nodeOf(view, event.id).correct = correct;
}

/** The verdict on an answer: the run's own, unless the visitor knows better. */
function verdictOn(view: RunView, event: EventOf<'candidate' | 'answer'>): boolean | null {
  return view.truth === null ? event.correct : isRight(view.truth, event);
}

function applyRank(node: NodeView, event: EventOf<'rank'>): void {
  node.rank = event;
  if (!event.kept) node.state = 'pruned';
  else if (node.state === 'open') node.state = 'kept';
}

function addCandidate(view: RunView, event: EventOf<'candidate'>): void {
  const node = nodeOf(view, event.id);
  const correct = verdictOn(view, event);
  view.candidates.push(view.truth === null ? event : { ...event, correct });
  node.candidate = event.index;
  node.correct = correct;
  if (event.finished) node.state = 'finished';
}

function applyAnswer(view: RunView, event: EventOf<'answer'>): void {
  view.answer = { ...event, correct: verdictOn(view, event) };
  for (const node of view.nodes) node.best = false;
  const winner = event.candidate === null ? undefined : view.candidates[event.candidate];
  if (winner === undefined) return;
  for (const id of pathTo(view, winner.id)) nodeOf(view, id).best = true;
}
