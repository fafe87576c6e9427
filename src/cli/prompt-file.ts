/** Prompts of a problem file, for commands that need no answers. */
import * as z from 'zod/mini';
import { badInput } from './args.ts';
import { parseJson, readText } from './output.ts';

const lineSchema = z.object({ prompt: z.string().check(z.minLength(1)) });

/** Throws AppError `bad-input` that names the line. */
export function readPrompts(path: string): string[] {
  return readText(path)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      const parsed = z.safeParse(lineSchema, parseJson(line));
      if (parsed.success) return parsed.data.prompt;
      throw badInput(
        `Line ${i + 1} of ${path} is no problem.`,
        'A line is {"id": …, "prompt": "make 24: 4 6 7 8"}.',
      );
    });
}
