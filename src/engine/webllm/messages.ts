/**
 * What the page side and a web-llm worker say to each other. A protocol of our own rather than
 * web-llm's: errors keep their name and the worker's console, and each reply names its request.
 */
import * as z from 'zod/mini';
import { errorDataSchema } from '../../shared/error-schema.ts';

export const modelSpecSchema = z.object({
  id: z.string(),
  modelUrl: z.string(),
  libUrl: z.string(),
  vramMb: z.number(),
  contextTokens: z.int(),
  /** Samples come with the probability of each token. */
  confidence: z.boolean(),
});

export const sampleSchema = z.object({
  prompt: z.string(),
  stop: z.array(z.string()),
  maxTokens: z.int(),
  temperature: z.number(),
  seed: z.int(),
});

const id = z.int();

export const toWorkerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('load'), id, spec: modelSpecSchema }),
  z.object({ type: z.literal('sample'), id, sample: sampleSchema }),
  /** The probabilities of the next token; restricted to the words of a judge where possible. */
  z.object({ type: z.literal('weigh'), id, prompt: z.string() }),
  z.object({ type: z.literal('stop'), ids: z.array(id) }),
]);

export const rawFailureSchema = z.object({
  name: z.string(),
  message: z.string(),
  log: z.array(z.string()),
  stage: z.enum(['load', 'generate']),
});

export const sampledSchema = z.object({
  text: z.string(),
  finishReason: z.string(),
  promptTokens: z.number(),
  sampledTokens: z.number(),
  /** One for each sampled token, also where its text was cut off; null unless they were asked for. */
  pieces: z.nullable(z.array(z.object({ text: z.string(), logProb: z.number() }))),
});

export const weighedSchema = z.object({
  /** Token text and natural log-probability. */
  top: z.array(z.tuple([z.string(), z.number()])),
  promptTokens: z.number(),
  sampledTokens: z.number(),
});

const loadEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('downloaded'), loadedBytes: z.number(), totalBytes: z.number() }),
  z.object({ type: z.literal('verified'), loadedBytes: z.number(), totalBytes: z.number() }),
  z.object({ type: z.literal('report'), text: z.string(), progress: z.number() }),
]);

export const fromWorkerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), id, event: loadEventSchema }),
  z.object({ type: z.literal('loaded'), id, adapter: z.string() }),
  z.object({ type: z.literal('sampled'), id, sampled: sampledSchema }),
  z.object({ type: z.literal('weighed'), id, weighed: weighedSchema }),
  /** Our own error, or one of web-llm's as it was thrown. */
  z.object({ type: z.literal('failed'), id, error: errorDataSchema }),
  z.object({ type: z.literal('threw'), id, failure: rawFailureSchema }),
]);

export type ModelSpec = z.infer<typeof modelSpecSchema>;
export type Sample = z.infer<typeof sampleSchema>;
export type Sampled = z.infer<typeof sampledSchema>;
export type Weighed = z.infer<typeof weighedSchema>;
export type ToWorker = z.infer<typeof toWorkerSchema>;
export type FromWorker = z.infer<typeof fromWorkerSchema>;
