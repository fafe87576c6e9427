/** The run on screen as files. */
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useSession } from '../session-context.ts';
import { exportCandidates, exportRun } from './export-run.ts';
import { exportChartImage, exportTreeImage } from './export-image.ts';

export function ExportMenu() {
  const session = useSession();
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLDivElement>(null);
  const hasRun = useStore(session.run, (state) => state.events.length > 0 && !state.running);

  useEffect(() => {
    if (!open) return;
    function onPointerDown(event: PointerEvent): void {
      if (!anchor.current?.contains(event.target as Node)) setOpen(false);
    }
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [open]);

  function choose(action: () => void | Promise<void>): void {
    setOpen(false);
    Promise.resolve()
      .then(action)
      .catch((thrown: unknown) => session.notices.report(thrown));
  }

  const { events, view, label } = session.run.getState();
  return (
    // Escape closes the list wherever the focus is in it.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className="popover-anchor"
      ref={anchor}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        setOpen(false);
        anchor.current?.querySelector('button')?.focus();
      }}
    >
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        Export
      </button>
      {open && (
        <div className="popover popover-list">
          <button
            type="button"
            disabled={!hasRun}
            onClick={() => choose(() => exportRun(session.recordedEvents(), label))}
          >
            Export run (JSON)
          </button>
          <button
            type="button"
            disabled={events.length === 0}
            onClick={() => choose(() => exportCandidates(view))}
          >
            Solutions (CSV)
          </button>
          <button type="button" onClick={() => choose(exportTreeImage)}>
            Tree (PNG)
          </button>
          <button type="button" onClick={() => choose(exportChartImage)}>
            Chart (PNG)
          </button>
        </div>
      )}
    </div>
  );
}
