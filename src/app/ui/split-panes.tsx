/** Three panes side by side; the outer two have widths that can be dragged or changed by arrows. */
import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';

interface Limits {
  readonly initial: number;
  readonly min: number;
  readonly max: number;
}

interface Props {
  readonly left: ReactNode;
  readonly middle: ReactNode;
  readonly right: ReactNode;
  readonly leftLabel: string;
  readonly rightLabel: string;
  /** Widths are remembered under this key, where the browser allows it. */
  readonly storageKey: string;
}

const LEFT: Limits = { initial: 320, min: 260, max: 480 };
const RIGHT: Limits = { initial: 384, min: 300, max: 640 };
/** The middle never gets narrower than this. */
const MIDDLE_MIN = 320;
const KEY_STEP = 16;

export function SplitPanes(props: Props) {
  const { left, middle, right, leftLabel, rightLabel, storageKey } = props;
  const [leftWidth, setLeftWidth] = useWidth(`${storageKey}-left`, LEFT);
  const [rightWidth, setRightWidth] = useWidth(`${storageKey}-right`, RIGHT);
  return (
    <div
      className="split-panes"
      style={{
        gridTemplateColumns: `${leftWidth}px auto minmax(${MIDDLE_MIN}px, 1fr) auto ${rightWidth}px`,
      }}
    >
      {left}
      <Separator
        label={leftLabel}
        width={leftWidth}
        limits={LEFT}
        towards={1}
        onWidth={setLeftWidth}
      />
      {middle}
      <Separator
        label={rightLabel}
        width={rightWidth}
        limits={RIGHT}
        towards={-1}
        onWidth={setRightWidth}
      />
      {right}
    </div>
  );
}

interface SeparatorProps {
  readonly label: string;
  readonly width: number;
  readonly limits: Limits;
  /** 1: moving right widens the pane; -1: moving left does. */
  readonly towards: 1 | -1;
  readonly onWidth: (width: number) => void;
}

function Separator({ label, width, limits, towards, onWidth }: SeparatorProps) {
  const drag = useRef<{ x: number; width: number } | null>(null);

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowRight: KEY_STEP, ArrowLeft: -KEY_STEP }[event.key];
    if (step !== undefined) onWidth(width + step * towards);
    else if (event.key === 'Home') onWidth(limits.min);
    else if (event.key === 'End') onWidth(limits.max);
    else return;
    event.preventDefault();
  }

  function onPointerDown(event: PointerEvent): void {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, width };
  }

  function onPointerMove(event: PointerEvent): void {
    if (drag.current === null) return;
    onWidth(drag.current.width + (event.clientX - drag.current.x) * towards);
  }

  return (
    // A focusable separator is a widget (WAI-ARIA, "window splitter").
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={Math.round(width)}
      aria-valuemin={limits.min}
      aria-valuemax={limits.max}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="separator"
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => (drag.current = null)}
      onPointerCancel={() => (drag.current = null)}
      onDoubleClick={() => onWidth(limits.initial)}
    />
  );
}

function useWidth(key: string, limits: Limits): [number, (width: number) => void] {
  const [width, setWidth] = useState(() => clamp(readNumber(key) ?? limits.initial, limits));
  return [
    width,
    (wanted) => {
      const next = clamp(wanted, limits);
      setWidth(next);
      writeNumber(key, next);
    },
  ];
}

function clamp(width: number, { min, max }: Limits): number {
  return Math.max(min, Math.min(max, width));
}

function readNumber(key: string): number | null {
  try {
    const value = Number(localStorage.getItem(key) ?? NaN);
    return Number.isFinite(value) ? value : null;
  } catch {
    return null;
  }
}

function writeNumber(key: string, value: number): void {
  try {
    localStorage.setItem(key, String(value));
  } catch {
    // Storage is forbidden: the width lasts as long as the page.
  }
}
