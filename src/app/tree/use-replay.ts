import { useEffect, useRef, useState } from 'react';
import type { RunEvent } from '../../shared/run-events.ts';
import { Replay } from './replay.ts';
import { isComplete } from './stage.ts';

interface ReplayProps {
  readonly events: readonly RunEvent[];
  readonly cursor: number;
  readonly onCursor: (cursor: number) => void;
  readonly onLive: (live: boolean) => void;
}

/** A player over the props of a scrubber; stops when it goes away. */
export function useReplay(props: ReplayProps) {
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const [isPlaying, setIsPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [replay] = useState(
    () =>
      new Replay({
        events: () => latest.current.events,
        // Between a seek and the next render the seek is the truth.
        cursor: () => latest.current.cursor,
        seek: (cursor) => {
          latest.current.onCursor(cursor);
          latest.current = { ...latest.current, cursor };
        },
        changed: setIsPlaying,
        ended: () => {
          if (!isComplete(latest.current.events)) latest.current.onLive(true);
        },
        requestFrame: (callback) => requestAnimationFrame(callback),
        cancelFrame: (handle) => cancelAnimationFrame(handle),
      }),
  );
  useEffect(() => {
    replay.speed = speed;
  }, [replay, speed]);
  useEffect(() => () => replay.pause(), [replay]);
  return { replay, isPlaying, speed, setSpeed };
}
