/** A finished run judged again: another verifier, rule or aggregation, from the recorded scores. */
import { useId, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { RunView } from '../../shared/run-view.ts';
import { useSession } from '../session-context.ts';
import { settingsInEffect } from '../state/reselect-answer.ts';
import { formatCount } from '../ui/format.ts';
import { judgeRows, whatSpoilingShows, type JudgeRow } from './judges.ts';

/** `revision` changes with the view, which changes in place. */
export function JudgePanel(props: { readonly view: RunView; readonly revision: number }) {
  // Hundreds of choices are made anew: only for those who look.
  const [open, setOpen] = useState(false);
  return (
    <details className="advanced judge" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Judge again</summary>
      {open && <Judges {...props} />}
    </details>
  );
}

function Judges({ view, revision }: { readonly view: RunView; readonly revision: number }) {
  const session = useSession();
  const config = useStore(session.controls, (state) => state.config);
  const judge = useStore(session.judge);
  const settings = settingsInEffect(session.recordedEvents(), config);
  const { selection, aggregation } = settings;
  const { seed } = judge;
  const rows = useMemo(() => {
    void revision;
    return judgeRows(view, { selection, aggregation, seed });
  }, [view, revision, selection, aggregation, seed]);
  const sentence = whatSpoilingShows(view, rows, selection);
  const chosen = rows.find(
    (row) => row.scorer === judge.scorer && row.corruption === judge.corruption,
  );

  return (
    <>
      <p className="hint">
        Who is asked which solution is right? Decided anew from what was recorded; nothing is
        written again. Rule and aggregation under “Advanced” work here, too.
      </p>
      <JudgeTable
        rows={rows}
        chosen={chosen?.id ?? null}
        onChoose={({ scorer, corruption }) => session.judge.setState({ scorer, corruption })}
      />
      {chosen?.draws && (
        <p className="small">
          Shown is draw {seed}.{' '}
          <button
            type="button"
            className="quiet"
            onClick={() => session.judge.setState({ seed: seed + 1 })}
          >
            Spoil others
          </button>
        </p>
      )}
      {sentence !== null && <p className="story">{sentence}</p>}
    </>
  );
}

interface TableProps {
  readonly rows: readonly JudgeRow[];
  readonly chosen: string | null;
  readonly onChoose: (row: JudgeRow) => void;
}

function JudgeTable({ rows, chosen, onChoose }: TableProps) {
  const name = useId();
  return (
    <fieldset className="judge-rows">
      <legend className="visually-hidden">Who judges</legend>
      {rows.map((row) => (
        <label key={row.id} className={row.id === chosen ? 'judge-row judge-row-on' : 'judge-row'}>
          <input
            type="radio"
            name={name}
            checked={row.id === chosen}
            onChange={() => onChoose(row)}
          />
          <span className="judge-name">{row.label}</span>
          <span className="judge-answer">
            <span className="mono">{row.answerText ?? 'no answer'}</span>
            {row.correct !== null && (
              <span className={row.correct ? 'right' : 'wrong'}>
                {row.correct ? ' ✓' : ' ✗'}
                <span className="visually-hidden">{row.correct ? ' right' : ' wrong'}</span>
              </span>
            )}
            {row.draws !== null && <span className="muted small">{drawsText(row.draws)}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function drawsText({ right, same, of }: NonNullable<JudgeRow['draws']>): string {
  const what =
    right === null ? `the same in ${formatCount(same)}` : `right in ${formatCount(right)}`;
  return ` ${what} of ${of} draws`;
}
