/** Reads a store at most every `intervalMs`: for what need not keep up with every event. */
import { useEffect, useState } from 'react';
import type { StoreApi } from 'zustand/vanilla';

type Readable<S> = Pick<StoreApi<S>, 'getState' | 'subscribe'>;

/** `read` must be a stable function. The last change is never lost, only delayed. */
export function useThrottled<S, T>(store: Readable<S>, read: (state: S) => T, intervalMs = 100): T {
  const [value, setValue] = useState(() => read(store.getState()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const update = (): void => {
      timer = null;
      setValue(() => read(store.getState()));
    };
    update();
    const unsubscribe = store.subscribe(() => {
      timer ??= setTimeout(update, intervalMs);
    });
    return () => {
      unsubscribe();
      if (timer !== null) clearTimeout(timer);
    };
  }, [store, read, intervalMs]);
  return value;
}
