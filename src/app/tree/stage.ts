/**
 * Chooses the layout of a run and remembers it: while a log grows, nodes keep the place where they
 * first appeared; once it is complete (or was complete from the start, as in a replay) the tidy
 * layout of the whole run serves every position of the scrubber, so nothing moves in a replay.
 */
import type { RunEvent } from '../../shared/run-events.ts';
import { viewAt, type RunView } from '../../shared/run-view.ts';
import { LiveLayout } from './live-layout.ts';
import { EMPTY_PLACEMENT, type Placement } from './placement.ts';
import { tidyLayout } from './tidy-layout.ts';

export class Stage {
  private head: RunEvent | null = null;
  private live = new LiveLayout();
  private tidy: { length: number; expanded: ReadonlySet<number>; placement: Placement } | null =
    null;
  private full: { events: readonly RunEvent[]; length: number; view: RunView } | null = null;

  /** The placement for a log; the same object while nothing about it changed (a growing one is
   * extended in place). */
  placementOf(events: readonly RunEvent[], expanded: ReadonlySet<number>): Placement {
    if (events.length === 0) return EMPTY_PLACEMENT;
    if (events[0] !== this.head || events.length < this.live.cursor) this.reset(events[0]);
    if (!isComplete(events)) return this.live.advance(events);
    const known = this.tidy;
    if (known?.length === events.length && known.expanded === expanded) return known.placement;
    const before = this.live.cursor > 0 ? this.live.advance(events).row : undefined;
    const placement = tidyLayout(this.fullView(events), { expanded, before });
    this.tidy = { length: events.length, expanded, placement };
    return placement;
  }

  /** A growing tree in tidy form from now on (key F); it moves only because it was asked to. */
  tidyUp(events: readonly RunEvent[], view: RunView, expanded: ReadonlySet<number>): boolean {
    const isRevising = view.nodes.some((node) => node.role === 'revision');
    if (isComplete(events) || isRevising || view.cursor !== events.length) return false;
    const before = this.live.advance(events).row;
    // A layout of its own, so that holders of the old one can glide from it.
    this.live = new LiveLayout().advance(events);
    this.live.rebase(tidyLayout(view, { expanded, before }));
    return true;
  }

  private fullView(events: readonly RunEvent[]): RunView {
    if (this.full?.events !== events || this.full.length !== events.length) {
      this.full = { events, length: events.length, view: viewAt(events, events.length) };
    }
    return this.full.view;
  }

  private reset(head: RunEvent): void {
    this.head = head;
    this.live = new LiveLayout();
    this.tidy = null;
  }
}

export function isComplete(events: readonly RunEvent[]): boolean {
  return events.at(-1)?.type === 'end';
}
