import { throwIfAborted } from '../shared/errors.ts';

/** Longest stretch of work without letting messages in, such as the one that says "stop". */
const BREATH_MS = 12;

/** Returns a function to call between units of work: it throws the abort, and lets the event loop
 * run when the last time is long ago. */
export function createBreather(signal: AbortSignal | undefined): () => Promise<void> {
  let last = performance.now();
  return async () => {
    throwIfAborted(signal);
    if (performance.now() - last < BREATH_MS) return;
    await nextTask();
    last = performance.now();
    throwIfAborted(signal);
  };
}

/** One turn of the event loop, without the 4 ms that browsers add to nested timers. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
