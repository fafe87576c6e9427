/** An error as it crosses a worker's border. */
import * as z from 'zod/mini';
import type { ErrorData } from './errors.ts';

export const errorDataSchema = z.object({
  code: z.enum([
    'bad-input',
    'outside-families',
    'model-missing',
    'model-corrupt',
    'model-unsupported',
    'out-of-slots',
    'out-of-memory',
    'device-lost',
    'no-webgpu',
    'network',
    'storage',
    'aborted',
    'server',
    'internal',
  ]),
  message: z.string(),
  advice: z.string(),
  retryable: z.boolean(),
  cause: z.optional(z.string()),
  status: z.optional(z.int()),
}) satisfies z.ZodMiniType<ErrorData>;
