/** The families of the problems in a file of `eval`, for curves of one family. */
import * as z from 'zod/mini';
import { understand } from '../problems/understand.ts';

const fileSchema = z.object({
  problems: z.array(z.object({ id: z.string(), prompt: z.string() })),
});

/** By id. Empty where the file does not hold its problems; problems outside the families are left
 * out. */
export function familiesById(file: unknown): ReadonlyMap<string, string> {
  const parsed = z.safeParse(fileSchema, file);
  if (!parsed.success) return new Map();
  return new Map(
    parsed.data.problems.flatMap(({ id, prompt }): [string, string][] => {
      const reading = understand(prompt);
      return reading.kind === 'problem' ? [[id, reading.family]] : [];
    }),
  );
}
