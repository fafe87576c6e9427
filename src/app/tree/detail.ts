/** How much of each node is drawn, by room and by count. */
import type { Direction } from './camera.ts';

/** `cards`: the step's text. `labels`: a mark with its score. `dots`: a mark. */
export type Detail = 'cards' | 'labels' | 'dots';

interface Room {
  readonly rowPitch: number;
  readonly stepPitch: number;
}

const NEEDS: Readonly<Record<Direction, Readonly<Record<'cards' | 'labels', Room>>>> = {
  right: {
    cards: { rowPitch: 16, stepPitch: 96 },
    labels: { rowPitch: 11, stepPitch: 52 },
  },
  down: {
    cards: { rowPitch: 92, stepPitch: 44 },
    labels: { rowPitch: 30, stepPitch: 36 },
  },
};
/** Text is slow to draw: above so many marks on screen, less of it. */
const MOST: Readonly<Record<'cards' | 'labels', number>> = { cards: 800, labels: 1600 };

export function chooseDetail(direction: Direction, room: Room, visible: number): Detail {
  const needs = NEEDS[direction];
  for (const detail of ['cards', 'labels'] as const) {
    const need = needs[detail];
    if (
      visible <= MOST[detail] &&
      room.rowPitch >= need.rowPitch &&
      room.stepPitch >= need.stepPitch
    ) {
      return detail;
    }
  }
  return 'dots';
}

/** Radius of a node's mark in pixels. */
export function markRadius(detail: Detail, rowPitch: number): number {
  if (detail === 'cards') return 5;
  if (detail === 'labels') return 4.5;
  return Math.min(Math.max(rowPitch * 0.42, 0.75), 5);
}
