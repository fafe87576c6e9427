/** Files that come with the page: a recorded run, measured curves, the problem set. */
import { AppError } from '../../shared/errors.ts';
import type { RunLog } from '../../shared/run-events.ts';
import { readRunFile } from '../../storage/run-file.ts';

/** An absolute address of a shipped file, wherever the page lies. */
export function shippedUrl(path: string): string {
  return new URL(path, document.baseURI).href;
}

/** null where it cannot be had: the tree then invites to run something. */
export async function fetchRecording(): Promise<RunLog | null> {
  let text: string;
  try {
    text = await fetchText('recordings/demo.json');
  } catch {
    return null;
  }
  return readRunFile(text);
}

/** Throws AppError `network` when the file cannot be had. */
export async function fetchText(path: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(shippedUrl(path));
  } catch (cause) {
    throw missing(path, cause);
  }
  if (!response.ok) throw missing(path, `status ${response.status}`);
  const text = await response.text();
  // Single-page hosts answer unknown addresses with the page itself.
  if (text.trimStart().startsWith('<')) throw missing(path, 'a page instead of the file');
  return text;
}

function missing(path: string, cause: unknown): AppError {
  return new AppError('network', `The file ${path} could not be loaded.`, {
    advice: 'Check the connection and reload the page.',
    retryable: true,
    cause,
  });
}
