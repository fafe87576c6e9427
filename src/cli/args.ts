/** Command-line options, checked. Every mistake is an AppError `bad-input` that names the option. */
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { en } from 'zod/locales';
import { AppError } from '../shared/errors.ts';

// The mini build has no messages of its own.
z.config(en());

/** `strings`: one or more values after the option, `--results A.json B.json`. */
export type OptionTypes = Readonly<Record<string, 'string' | 'strings' | 'boolean'>>;

export class Options {
  private constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  static parse(args: readonly string[], types: OptionTypes): Options {
    const options = Object.fromEntries(
      Object.entries(types).map(([name, type]) => [
        name,
        type === 'strings' ? { type: 'string' as const, multiple: true } : { type },
      ]),
    );
    try {
      const { values } = parseArgs({
        args: repeatLists(args, types),
        options,
        allowPositionals: false,
      });
      return new Options(values);
    } catch (thrown) {
      throw badInput(
        thrown instanceof Error ? firstSentence(thrown.message) : String(thrown),
        `Options of this command: ${Object.keys(types)
          .map((name) => `--${name}`)
          .join(', ')}.`,
      );
    }
  }

  has(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** Values of a `strings` option, in order; none where it is not there. */
  texts(name: string): readonly string[] {
    const values = this.values[name];
    return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
  }

  required(name: string): string {
    const value = this.text(name);
    if (value !== undefined) return value;
    throw badInput(`--${name} is missing.`, `Add --${name} followed by a value.`);
  }

  /** A value in the range of `schema`, undefined when the option is not there. */
  checked<T>(name: string, schema: z.ZodMiniType<T>): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return checkValue(`--${name} ${text}`, plainValue(text), schema);
  }

  /** Comma-separated values, each in the range of `schema`; at least one. */
  list<T>(name: string, schema: z.ZodMiniType<T>): T[] | undefined {
    const parts = this.text(name)
      ?.split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    if (parts?.length === 0) throw badInput(`--${name} names nothing.`, 'Give at least one value.');
    return parts?.map((part) => checkValue(`--${name} ${part}`, plainValue(part), schema));
  }
}

/** `--results A B` as `--results A --results B`, which is what the parser of Node takes. */
function repeatLists(args: readonly string[], types: OptionTypes): string[] {
  let list: string | null = null;
  let first = true;
  return args.flatMap((arg) => {
    if (arg.startsWith('--')) {
      list = types[arg.slice(2)] === 'strings' ? arg : null;
      first = true;
      return [arg];
    }
    if (list === null || first) {
      first = false;
      return [arg];
    }
    return [list, arg];
  });
}

function checkValue<T>(what: string, value: unknown, schema: z.ZodMiniType<T>): T {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) => issue.message).join(' ');
  throw badInput(`${what} is not possible.`, reasons);
}

function plainValue(text: string): string | number {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function firstSentence(message: string): string {
  return message.split('. ')[0].replace(/\.?$/, '.');
}

export function badInput(message: string, advice: string): AppError {
  return new AppError('bad-input', message, { advice });
}
