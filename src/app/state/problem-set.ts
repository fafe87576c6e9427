/** A problem set as JSON lines (training/FORMAT.md, "Problem sets and the split"). Pure. */
import { AppError } from '../../shared/errors.ts';
import * as z from 'zod/mini';
import { sweepProblemSchema, type SweepProblem } from '../../worker/sweep-messages.ts';

/** Throws AppError `bad-input` that names the line. */
export function parseProblems(text: string): SweepProblem[] {
  const problems: SweepProblem[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    problems.push(parseLine(line, i + 1));
  }
  return problems;
}

function parseLine(line: string, number: number): SweepProblem {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw badLine(number, 'it is not JSON', cause);
  }
  const parsed = z.safeParse(sweepProblemSchema, json);
  if (!parsed.success) throw badLine(number, z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

function badLine(number: number, reason: string, cause: unknown): AppError {
  return new AppError('bad-input', `Line ${number} of the problem set: ${reason}.`, {
    advice: 'Each line is a JSON object with id and prompt.',
    cause,
  });
}
