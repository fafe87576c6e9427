/**
 * The spine of the program: a run is a list of these events, and everything on screen, stored,
 * exported or replayed is a fold of a prefix of that list (`run-view.ts`). Only `ledger.elapsedMs`
 * carries wall-clock time, so two logs of one config are equal but for it.
 */
import * as z from 'zod/mini';
import { ledgerSchema } from './ledger.ts';
import { AGGREGATIONS, runConfigSchema, SELECTIONS } from './run-config.ts';

/** Raise when an old log can no longer be read. */
export const RUN_LOG_VERSION = 1;

const id = z.int().check(z.nonnegative());
const score = z.number();

const startEvent = z.object({
  type: z.literal('start'),
  version: z.literal(RUN_LOG_VERSION),
  config: runConfigSchema,
  /** The canonical prompt the policy saw, and what it was read as. */
  prompt: z.string(),
  family: z.string(),
  level: z.nullable(z.string()),
  /** Labels of what ran: policy, verifier (null where none), engine. */
  policy: z.string(),
  verifier: z.nullable(z.string()),
  engine: z.string(),
  /** Steps of an earlier run from which this one goes on; they are the first nodes of the log. */
  from: z.optional(z.array(z.string())),
});

/** The right answer as the visitor gave it, for a problem whose truth is unknown. Stands behind the
 * start, so that solutions carry their verdict wherever the log is read up to. */
const truthEvent = z.object({
  type: z.literal('truth'),
  known: z.string(),
  /** Canonical answers of this run that agree with it. */
  right: z.array(z.string()),
  /** Those answers as they were written, for one canonical answer may stand for right and wrong ones:
   * it leaves out units and the order of a list. Missing in older logs. */
  texts: z.optional(z.array(z.string())),
  /** Whether greedy decoding agrees; null where it was not asked or gave no answer. */
  baseline: z.nullable(z.boolean()),
});

/** A round of sampling begins: `requested` continuations of `beams` branches. */
const roundEvent = z.object({
  type: z.literal('round'),
  round: z.int(),
  beams: z.int(),
  requested: z.int(),
});

/** One sampled step. Ids count up from 1 in order of appearance; 0 is the prompt itself. */
const nodeEvent = z.object({
  type: z.literal('node'),
  id,
  parent: id,
  depth: z.int(),
  text: z.string(),
  tokens: z.int(),
  logProb: z.number(),
  stream: z.tuple([z.number(), z.number()]),
  end: z.enum(['step', 'solution', 'length', 'repetition']),
  /** `rollout`: a lookahead ghost, thrown away. `greedy`: the baseline. `revision`: an attempt.
   * `given`: a step of an earlier run that this one goes on from; it cost nothing here. */
  role: z.enum(['step', 'rollout', 'greedy', 'revision', 'given']),
});

/** The same step was sampled again beside `id` and merged into it; it is charged all the same. */
const duplicateEvent = z.object({ type: z.literal('duplicate'), id, copies: z.int() });

/** The verifier's score of the step (for lookahead: read at the end of its rollout). */
const scoreEvent = z.object({ type: z.literal('score'), id, score });

/** A choice among beams: `rank` (1 is best) of `of`, by the aggregated `value`. */
const rankEvent = z.object({
  type: z.literal('rank'),
  id,
  rank: z.int(),
  of: z.int(),
  keeps: z.int(),
  kept: z.boolean(),
  value: score,
});

/** A complete (or cut) solution that takes part in the selection, in order of `index`. */
const candidateEvent = z.object({
  type: z.literal('candidate'),
  index: z.int(),
  /** Its last node. */
  id,
  /** Canonical answer; null when it does not parse: dropped from votes, still charged. */
  answer: z.nullable(z.string()),
  /** The answer as shown to people. */
  answerText: z.nullable(z.string()),
  stepScores: z.array(score),
  logProb: z.number(),
  finished: z.boolean(),
  /** null where the truth is not known. */
  correct: z.nullable(z.boolean()),
  /** Identical solutions merged into this one count as votes of their own. */
  copies: z.int(),
  /** Revision chains: which chain, and which attempt in it. */
  chain: z.optional(z.int()),
  attempt: z.optional(z.int()),
  /** Attempts of the chain that the reviser and its verifier were shown, oldest first. */
  saw: z.optional(z.array(z.int())),
});

/** What greedy decoding answers: the baseline of the story told after the run. Not charged. */
const baselineEvent = z.object({
  type: z.literal('baseline'),
  id,
  answerText: z.nullable(z.string()),
  correct: z.nullable(z.boolean()),
});

/** Something a reader should know (`auto` explains its choice, over-optimisation is flagged). */
const noteEvent = z.object({
  type: z.literal('note'),
  code: z.string(),
  text: z.string(),
});

const ledgerEvent = z.object({ type: z.literal('ledger'), ledger: ledgerSchema });

const answerEvent = z.object({
  type: z.literal('answer'),
  selection: z.enum(SELECTIONS),
  /** Where the run chose it itself (`auto`), else that of its config. */
  aggregation: z.optional(z.enum(AGGREGATIONS)),
  answer: z.nullable(z.string()),
  answerText: z.nullable(z.string()),
  /** Index of the candidate that stands for the answer; null when nothing parsed. */
  candidate: z.nullable(z.int()),
  correct: z.nullable(z.boolean()),
  votes: z.array(
    z.object({ answer: z.string(), answerText: z.string(), weight: z.number(), count: z.int() }),
  ),
});

const endEvent = z.object({
  type: z.literal('end'),
  reason: z.enum(['done', 'stopped', 'failed']),
  error: z.optional(z.object({ code: z.string(), message: z.string(), advice: z.string() })),
});

export const runEventSchema = z.discriminatedUnion('type', [
  startEvent,
  truthEvent,
  roundEvent,
  nodeEvent,
  duplicateEvent,
  scoreEvent,
  rankEvent,
  candidateEvent,
  baselineEvent,
  noteEvent,
  ledgerEvent,
  answerEvent,
  endEvent,
]);

export type RunEvent = z.infer<typeof runEventSchema>;
export type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** A stored, exported or shipped run. `recordedAt` is an ISO date; `label` is for people. */
export const runLogSchema = z.object({
  format: z.literal('overthink-run'),
  version: z.literal(RUN_LOG_VERSION),
  label: z.string(),
  recordedAt: z.string(),
  events: z.array(runEventSchema),
});

export type RunLog = z.infer<typeof runLogSchema>;
