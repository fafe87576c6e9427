/**
 * A run as a file: written with a format name and version, read with full distrust. Pure: no
 * browser, no storage.
 */
import * as z from 'zod/mini';
import { AppError } from '../shared/errors.ts';
import { RUN_LOG_VERSION, runLogSchema, type RunEvent, type RunLog } from '../shared/run-events.ts';
import { viewAt } from '../shared/run-view.ts';

/** A log of 20,000 nodes is about 8 MB. */
const MAX_FILE_BYTES = 64_000_000;

export function toRunLog(events: readonly RunEvent[], label: string, recordedAt: Date): RunLog {
  return {
    format: 'overthink-run',
    version: RUN_LOG_VERSION,
    label,
    recordedAt: recordedAt.toISOString(),
    events: [...events],
  };
}

export function writeRunFile(log: RunLog): string {
  return `${JSON.stringify(log)}\n`;
}

/** Throws AppError `bad-input` that says what is wrong with the file and what to do. */
export function readRunFile(text: string): RunLog {
  if (text.length > MAX_FILE_BYTES) {
    throw unusable('It is larger than 64 MB.', 'Drop a run that was exported from this page.');
  }
  const json = parseJson(text);
  const head = z.safeParse(z.object({ format: z.string(), version: z.number() }), json);
  if (!head.success || head.data.format !== 'overthink-run') {
    throw unusable(
      'It is not a run of this program.',
      'Drop a JSON file that was exported with “Export run”.',
    );
  }
  if (head.data.version !== RUN_LOG_VERSION) {
    throw unusable(
      `It has version ${head.data.version}; this page reads version ${RUN_LOG_VERSION}.`,
      'Open it with the version of the page that wrote it, or run the problem again.',
    );
  }
  const parsed = z.safeParse(runLogSchema, json);
  if (!parsed.success) {
    throw unusable(firstIssue(parsed.error.issues), 'Export the run again: the file is damaged.');
  }
  checkFold(parsed.data.events);
  return parsed.data;
}

/** A schema cannot see that an event names a node that does not exist; folding once can. */
function checkFold(events: readonly RunEvent[]): void {
  if (events[0]?.type !== 'start') {
    throw unusable('Its first event is not a start.', 'Export the run again: the file is damaged.');
  }
  try {
    viewAt(events, events.length);
  } catch (cause) {
    throw unusable('Its events contradict each other.', 'Export the run again.', cause);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unusable('It is not JSON, or it is cut off.', 'Drop an exported run file.', cause);
  }
}

function firstIssue(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  const issue = issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  return `At ${path === '' ? 'the top' : path}: ${issue?.message ?? 'not as expected'}.`;
}

function unusable(reason: string, advice: string, cause?: unknown): AppError {
  return new AppError('bad-input', `The file cannot be used. ${reason}`, { advice, cause });
}
