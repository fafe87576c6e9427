/** Moves through a run: play, pause, step, speed, and a slider over its events. */
import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { RunEvent } from '../../shared/run-events.ts';
import { SPEEDS, stepCursor } from './replay.ts';
import { roundAt, type Round } from './rounds.ts';
import { isComplete } from './stage.ts';
import { prefersReducedMotion } from './theme.ts';
import { useReplay } from './use-replay.ts';

export interface ScrubberProps {
  readonly events: readonly RunEvent[];
  /** Length of `events`, which grows in place. */
  readonly length: number;
  readonly cursor: number;
  readonly onCursor: (cursor: number) => void;
  readonly live: boolean;
  readonly onLive: (live: boolean) => void;
  readonly rounds: readonly Round[];
  /** Starts playing when a run appears that stands at its beginning. */
  readonly autoPlay?: boolean;
}

export function Scrubber(props: ScrubberProps) {
  const { events, length, cursor, onCursor, live, onLive, rounds, autoPlay = false } = props;
  const { replay, isPlaying, speed, setSpeed } = useReplay({ events, cursor, onCursor, onLive });
  const isGrowing = length > 0 && !isComplete(events);
  const head = events.at(0);
  const seekEnd = useRef(() => onCursor(length));
  useEffect(() => {
    seekEnd.current = () => onCursor(length);
  });

  useEffect(() => {
    replay.pause();
    if (!autoPlay || head === undefined) return;
    if (prefersReducedMotion()) seekEnd.current();
    else replay.play();
  }, [autoPlay, head, replay]);

  const seek = (to: number) => {
    replay.pause();
    if (live && to < length) onLive(false);
    onCursor(to);
  };
  const toggle = () => {
    if (isPlaying) {
      replay.pause();
      return;
    }
    if (live && isGrowing) {
      onLive(false);
      onCursor(0);
    }
    replay.play();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Buttons and the speed keep their own keys.
    const isSlider = event.target instanceof HTMLInputElement;
    if (!isSlider && event.key !== ',' && event.key !== '.') return;
    const act = keyAction(event.key, { events, cursor, length, rounds, seek, toggle });
    if (act === null) return;
    act();
    event.preventDefault();
  };

  const round = roundAt(rounds, cursor);
  return (
    // Keys act wherever the focus is inside the transport.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div className="tree-scrubber" role="group" aria-label="Replay" onKeyDown={onKeyDown}>
      <button
        type="button"
        className="tree-icon"
        aria-label={isPlaying ? 'Pause' : 'Play'}
        onClick={toggle}
        disabled={length === 0}
      >
        <Icon path={isPlaying ? PAUSE : PLAY} />
      </button>
      <button
        type="button"
        className="tree-icon"
        aria-label="Step back"
        onClick={() => seek(stepCursor(events, cursor, -1))}
        disabled={cursor === 0}
      >
        <Icon path={BACK} />
      </button>
      <button
        type="button"
        className="tree-icon"
        aria-label="Step forward"
        onClick={() => seek(stepCursor(events, cursor, 1))}
        disabled={cursor >= length}
      >
        <Icon path={FORWARD} />
      </button>
      <div className="tree-track">
        <Ticks rounds={rounds} length={length} />
        <input
          type="range"
          aria-label="Run position"
          min={0}
          max={Math.max(length, 1)}
          step={1}
          value={Math.min(cursor, length)}
          disabled={length === 0}
          aria-valuetext={`${cursor} of ${length} events${round === null ? '' : `, round ${round.number}`}`}
          onChange={(event) => seek(Number(event.currentTarget.value))}
          style={{ '--played': `${length === 0 ? 0 : (cursor / length) * 100}%` } as never}
        />
      </div>
      <span className="tree-position">
        {round === null ? 'start' : `round ${round.number} of ${rounds.length}`}
      </span>
      <label className="tree-speed">
        <span className="tree-hidden">Speed</span>
        <select
          aria-label="Speed"
          value={speed}
          onChange={(event) => setSpeed(Number(event.currentTarget.value))}
        >
          {SPEEDS.map((value) => (
            <option key={value} value={value}>
              {value}×
            </option>
          ))}
        </select>
      </label>
      {isGrowing && (
        <button
          type="button"
          className="tree-live"
          aria-pressed={live}
          onClick={() => {
            replay.pause();
            onLive(true);
          }}
        >
          LIVE
        </button>
      )}
    </div>
  );
}

interface KeyContext {
  readonly events: readonly RunEvent[];
  readonly cursor: number;
  readonly length: number;
  readonly rounds: readonly Round[];
  readonly seek: (cursor: number) => void;
  readonly toggle: () => void;
}

function keyAction(key: string, context: KeyContext): (() => void) | null {
  const { events, cursor, length, rounds, seek, toggle } = context;
  switch (key) {
    case ' ':
      return toggle;
    case ',':
    case 'ArrowLeft':
    case 'ArrowDown':
      return () => seek(stepCursor(events, cursor, -1));
    case '.':
    case 'ArrowRight':
    case 'ArrowUp':
      return () => seek(stepCursor(events, cursor, 1));
    case 'Home':
      return () => seek(0);
    case 'End':
      return () => seek(length);
    case 'PageUp':
      return () => seek(rounds.find((round) => round.end > cursor)?.end ?? length);
    case 'PageDown':
      return () => seek(rounds.findLast((round) => round.start < cursor)?.start ?? 0);
    default:
      return null;
  }
}

function Ticks({ rounds, length }: { readonly rounds: readonly Round[]; readonly length: number }) {
  if (length === 0) return null;
  return (
    <div className="tree-ticks" aria-hidden="true">
      {rounds.map((round) => (
        <span key={round.start} style={{ left: `${(round.start / length) * 100}%` }} />
      ))}
    </div>
  );
}

const PLAY = 'M4 2.5v11l9-5.5z';
const PAUSE = 'M4 3h3v10H4zM9 3h3v10H9z';
const BACK = 'M4 3h2v10H4zM13 3v10L6.5 8z';
const FORWARD = 'M10 3h2v10h-2zM3 3v10l6.5-5z';

function Icon({ path }: { readonly path: string }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} fill="currentColor" />
    </svg>
  );
}
