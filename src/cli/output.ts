/** Standard output carries the result and nothing else; all talk goes to standard error. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { AppError } from '../shared/errors.ts';

export function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

export function printText(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Exit status: 2 for what the user can change, 130 for Ctrl-C, 1 for the rest. */
export function statusOf({ code }: AppError): number {
  if (code === 'bad-input' || code === 'outside-families') return 2;
  return code === 'aborted' ? 130 : 1;
}

export function printError(error: AppError, json: boolean): void {
  const { code, message, advice, cause } = error.toData();
  const document = { error: { code, message, advice, ...(cause === undefined ? {} : { cause }) } };
  if (json) printJson(document);
  else say(JSON.stringify(document));
}

/** Never leaves half a file behind, whenever the process is stopped. */
export function writeWhole(path: string, text: string): void {
  const partial = `${path}.partial`;
  writeFileSync(partial, text);
  renameSync(partial, path);
}

/** Throws AppError `bad-input`. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new AppError('bad-input', `${path} cannot be read.`, {
      advice: 'Check the name of the file.',
    });
  }
}

/** undefined for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
