/** Prompts of a problem file, for commands that need no answers. */
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { badInput } from './args.ts';

const lineSchema = z.object({ prompt: z.string().check(z.minLength(1)) });

/** Throws AppError `bad-input` that names the line. */
export function readPrompts(path: string): string[] {
  return textOf(path)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      const parsed = z.safeParse(lineSchema, jsonOf(line));
      if (parsed.success) return parsed.data.prompt;
      throw badInput(
        `Line ${i + 1} of ${path} is no problem.`,
        'A line is {"id": …, "prompt": "make 24: 4 6 7 8"}.',
      );
    });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw badInput(`${path} cannot be read.`, 'Name a file of problems, a JSON object a line.');
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
