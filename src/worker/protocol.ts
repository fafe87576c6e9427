/**
 * What the page and the worker say to each other. Both ends check every message: a page and a
 * worker of different builds (a stale cache) must fail with a sentence, not with `undefined`.
 */
import * as z from 'zod/mini';
import { engineFactsSchema, enginePreferenceSchema } from './engine-facts.ts';
import { sweepSpecSchema } from './sweep-messages.ts';
import { modelChoiceSchema } from './model-choice.ts';
import { sweepResultSchema } from '../eval/sweep-result.ts';
import { errorDataSchema } from '../shared/error-schema.ts';
import { AppError } from '../shared/errors.ts';
import { MAX_ROUNDS, runConfigSchema } from '../shared/run-config.ts';
import { runEventSchema } from '../shared/run-events.ts';

const job = z.int();

/** What stands between opening the page and the first run, in order. */
export const LOADING_STEPS = [
  'connecting',
  'downloading',
  'verifying',
  'from-disk',
  'to-gpu',
  'compiling',
  'measuring',
] as const;

const engineStateSchema = z.discriminatedUnion('phase', [
  z.object({
    phase: z.literal('loading'),
    step: z.enum(LOADING_STEPS),
    loadedBytes: z.number(),
    totalBytes: z.number(),
  }),
  z.object({
    phase: z.literal('ready'),
    backend: z.string(),
    /** For people, such as "CPU (WASM SIMD)". */
    label: z.string(),
    policy: z.string(),
    verifier: z.nullable(z.string()),
    modelBytes: z.number(),
    /** Of shipped models: tells these weights, and what `auto` chooses by, from those of another day. */
    weights: z.optional(z.string()),
    /** Measured on this device with a batch of branches. */
    policyTokensPerSecond: z.number(),
    verifierTokensPerSecond: z.number(),
    /** Strategies that need more than policy and verifier and have it here. */
    extras: z.array(z.enum(['revise', 'auto'])),
    /** Takes any problem in words, not only those of the shipped families. */
    general: z.optional(z.boolean()),
    /** How the engine was chosen; models that run elsewhere have none. */
    device: z.optional(engineFactsSchema),
    /** Models that were first asked for after the page was ready are on their way. */
    fetching: z.optional(
      z.object({
        step: z.enum(LOADING_STEPS),
        loadedBytes: z.number(),
        totalBytes: z.number(),
      }),
    ),
  }),
  z.object({ phase: z.literal('failed'), error: errorDataSchema }),
]);

export type EngineState = z.infer<typeof engineStateSchema>;
export type EngineReady = Extract<EngineState, { phase: 'ready' }>;

const toWorkerSchema = z.discriminatedUnion('type', [
  /** Where the models and their manifest lie; an absolute address that ends with a slash. */
  z.object({
    type: z.literal('load'),
    modelsUrl: z.string(),
    choice: z.optional(modelChoiceSchema),
    /** Of the shipped models. Default `auto`. */
    engine: z.optional(enginePreferenceSchema),
  }),
  z.object({
    type: z.literal('run'),
    job,
    config: runConfigSchema,
    /** Steps of an earlier run to go on from. */
    from: z.optional(z.array(z.string().check(z.maxLength(4000))).check(z.maxLength(MAX_ROUNDS))),
  }),
  z.object({
    type: z.literal('sweep'),
    job,
    spec: sweepSpecSchema,
    /** Results measured before; they are not measured again. */
    done: z.array(sweepResultSchema),
  }),
  z.object({ type: z.literal('abort'), job }),
]);

const fromWorkerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('engine'), state: engineStateSchema }),
  z.object({ type: z.literal('events'), job, events: z.array(runEventSchema) }),
  z.object({ type: z.literal('results'), job, results: z.array(sweepResultSchema) }),
  z.object({ type: z.literal('finished'), job }),
  z.object({ type: z.literal('failed'), job, error: errorDataSchema }),
]);

export type ToWorker = z.infer<typeof toWorkerSchema>;
export type FromWorker = z.infer<typeof fromWorkerSchema>;

/** The end of a worker that the protocol needs; `Worker` and `self` both have it. */
export interface Port {
  postMessage(message: unknown): void;
}

export function readToWorker(message: unknown): ToWorker {
  return read(toWorkerSchema, message);
}

export function readFromWorker(message: unknown): FromWorker {
  return read(fromWorkerSchema, message);
}

function read<T>(schema: z.core.$ZodType<T>, message: unknown): T {
  const parsed = z.safeParse(schema, message);
  if (parsed.success) return parsed.data;
  throw new AppError('internal', 'The page and its engine do not understand each other.', {
    advice: 'Reload the page; an old part of it was probably cached.',
    retryable: true,
    cause: z.prettifyError(parsed.error),
  });
}
