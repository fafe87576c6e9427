/** What the page may know of how the engine was chosen; crosses from the worker as data. */
import * as z from 'zod/mini';
import { ENGINE_PREFERENCES } from '../engine/engine-preference.ts';

export const enginePreferenceSchema = z.enum(ENGINE_PREFERENCES);

export const engineFactsSchema = z.object({
  preference: enginePreferenceSchema,
  /** null where there is none, or none was asked for. */
  adapter: z.nullable(
    z.object({
      name: z.string(),
      software: z.boolean(),
      features: z.array(z.string()),
      /** Bytes, but for the numbers of buffers and threads. */
      limits: z.record(z.string(), z.number()),
    }),
  ),
  /** Whole sentences: what was found, and why this backend runs. */
  reasons: z.array(z.string()),
  /** What the visitor should know without looking for it. */
  warning: z.nullable(z.string()),
});

export type EngineFacts = z.infer<typeof engineFactsSchema>;
