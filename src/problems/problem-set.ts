/**
 * Problem sets as JSON lines (training/FORMAT.md): one `{"id","prompt","family"?,"level"?,"answer"?}`
 * a line. Prompts may be free-form. No line is lost in silence: it becomes a problem, a problem
 * outside the families, or a fault with its number.
 */
import * as z from 'zod/mini';
import { familyById } from './families.ts';
import type { FamilyId, OutsideProblem } from './family.ts';
import { understand } from './understand.ts';

const text = (longest: number) => z.string().check(z.maxLength(longest));
const textOrNumber = z.union([text(2000), z.number()]);

const problemLineSchema = z.object({
  id: z.optional(z.union([text(200), z.number()])),
  prompt: text(10_000),
  family: z.optional(z.nullable(text(100))),
  level: z.optional(z.nullable(textOrNumber)),
  answer: z.optional(z.nullable(textOrNumber)),
});

export interface SetProblem {
  readonly id: string;
  /** Canonical. */
  readonly prompt: string;
  readonly family: FamilyId;
  readonly level: string;
  /** Exact truth where it is unique, else null. */
  readonly answer: string | null;
  /** Counted from 1. */
  readonly line: number;
}

/** A problem for larger models: kept as it stands. */
export interface SetOutside {
  readonly id: string;
  readonly prompt: string;
  readonly answer: string | null;
  readonly line: number;
  readonly reason: OutsideProblem;
}

export interface LineFault {
  readonly line: number;
  readonly code:
    'not-json' | 'not-a-problem' | 'too-many' | 'missing-id' | 'repeated-id' | 'differs';
  readonly message: string;
  /** The line made no problem; otherwise it is in the set and only remarked on. */
  readonly skipped: boolean;
  /** The line itself, cut after 200 characters. */
  readonly text: string;
}

export interface ProblemSet {
  readonly problems: readonly SetProblem[];
  readonly outside: readonly SetOutside[];
  readonly faults: readonly LineFault[];
}

export const MAX_SET_LINES = 20_000;

/** Never throws. Empty lines are passed over; an empty text gives an empty set. */
export function readProblemSet(jsonLines: string): ProblemSet {
  const reader = new SetReader();
  const lines = jsonLines.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    if (!reader.add(line, i + 1)) break;
  }
  return reader.set;
}

/** One line a problem, as `readProblemSet` reads it. */
export function writeProblemSet(problems: readonly Omit<SetProblem, 'line'>[]): string {
  return problems
    .map(({ id, prompt, family, level, answer }) => {
      const line = { id, prompt, family, level, ...(answer === null ? {} : { answer }) };
      return `${JSON.stringify(line)}\n`;
    })
    .join('');
}

class SetReader {
  private readonly problems: SetProblem[] = [];
  private readonly outside: SetOutside[] = [];
  private readonly faults: LineFault[] = [];
  private readonly ids = new Set<string>();

  get set(): ProblemSet {
    return { problems: this.problems, outside: this.outside, faults: this.faults };
  }

  /** false when the set is full. */
  add(text: string, line: number): boolean {
    const fault = (code: LineFault['code'], message: string, skipped: boolean) =>
      this.faults.push({ line, code, message, skipped, text: text.slice(0, 200) });
    if (this.ids.size >= MAX_SET_LINES) {
      fault('too-many', `A set holds ${MAX_SET_LINES} problems; the rest is left out.`, true);
      return false;
    }
    const parsed = z.safeParse(problemLineSchema, parseJson(text));
    if (!parsed.success) {
      const json = parseJson(text) !== undefined;
      const code = json ? 'not-a-problem' : 'not-json';
      fault(code, json ? z.prettifyError(parsed.error) : 'The line is not JSON.', true);
      return true;
    }
    const { data } = parsed;
    const id = this.uniqueId(data.id, line, fault);
    const given = data.answer === undefined || data.answer === null ? null : String(data.answer);
    const reading = understand(data.prompt);
    if (reading.kind === 'outside') {
      this.outside.push({ id, prompt: data.prompt, answer: given, line, reason: reading });
      return true;
    }
    const { family, level, prompt } = reading;
    const { answer } = familyById(family).truth(prompt);
    const remarks = [
      differs('family', data.family, family),
      differs('level', data.level, level),
      answer === null ? null : differs('answer', given, answer),
    ].filter((remark) => remark !== null);
    if (remarks.length > 0) fault('differs', remarks.join(' '), false);
    this.problems.push({ id, prompt, family, level, answer, line });
    return true;
  }

  private uniqueId(
    given: string | number | undefined,
    line: number,
    fault: (code: LineFault['code'], message: string, skipped: boolean) => void,
  ): string {
    const wanted = given === undefined || given === '' ? `line-${line}` : String(given);
    if (wanted === `line-${line}` && given === undefined) {
      fault('missing-id', `The line has no id; it is called ${wanted}.`, false);
    }
    let id = wanted;
    for (let copy = 2; this.ids.has(id); copy++) id = `${wanted}#${copy}`;
    if (id !== wanted) {
      fault('repeated-id', `The id ${wanted} stands twice; this one is called ${id}.`, false);
    }
    this.ids.add(id);
    return id;
  }
}

/** undefined for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function differs(
  name: string,
  given: string | number | null | undefined,
  found: string,
): string | null {
  if (given === undefined || given === null || String(given) === found) return null;
  return `The line says ${name} ${String(given)}; it is ${found}, which is used.`;
}
