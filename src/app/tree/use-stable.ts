import { useCallback, useEffect, useRef } from 'react';

/** A callback that never changes identity and always calls the latest `act`. Not for rendering. */
export function useStable<A extends unknown[], R>(act: (...args: A) => R): (...args: A) => R {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}
