/** Which models a worker runs. A server's key crosses to the worker here and goes nowhere else. */
import * as z from 'zod/mini';
import { MAX_CONCURRENCY } from '../engine/openai/limiter.ts';
import { priceSchema } from '../shared/price.ts';

const tabModelSchema = z.object({
  id: z.string(),
  modelUrl: z.string(),
  libUrl: z.string(),
  vramMb: z.number(),
  parameters: z.number(),
  contextTokens: z.optional(z.int().check(z.minimum(1))),
});

export const modelChoiceSchema = z.discriminatedUnion('kind', [
  /** The small models that come with the page. */
  z.object({ kind: z.literal('shipped') }),
  z.object({
    kind: z.literal('server'),
    baseUrl: z.string(),
    key: z.string(),
    policyModel: z.string(),
    /** Empty: answers are chosen by vote. */
    verifierModel: z.string(),
    /** Empty or missing: the same server. */
    verifierBaseUrl: z.optional(z.string()),
    verifierKey: z.optional(z.string()),
    price: z.optional(priceSchema),
    /** Requests at the same time. */
    concurrency: z.optional(z.int().check(z.minimum(1), z.maximum(MAX_CONCURRENCY))),
  }),
  z.object({
    kind: z.literal('web-llm'),
    policy: tabModelSchema,
    /** null: answers are chosen by vote. */
    verifier: z.nullable(z.union([tabModelSchema, z.literal('likelihood')])),
  }),
]);

export type ModelChoice = z.infer<typeof modelChoiceSchema>;

export const SHIPPED: ModelChoice = { kind: 'shipped' };
