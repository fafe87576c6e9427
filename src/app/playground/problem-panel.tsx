/** The problem as typed, examples, and what was understood. */
import { useId, useState } from 'react';
import { useStore } from 'zustand';
import { FAMILIES } from '../../problems/families.ts';
import type { Understanding } from '../../problems/family.ts';
import { MAX_PROBLEM_LENGTH } from '../../shared/run-config.ts';
import { useSession } from '../session-context.ts';
import { PROBLEM_BOX_ID } from '../state/session.ts';
import { formatCount } from '../ui/format.ts';

interface Props {
  readonly understanding: Understanding;
}

export function ProblemPanel({ understanding }: Props) {
  const { controls, engine } = useSession();
  const id = useId();
  const problem = useStore(controls, (state) => state.config.problem);
  const general = useStore(
    engine,
    ({ status }) => status.phase === 'ready' && status.general === true,
  );
  const [wasCut, setWasCut] = useState(false);

  function change(text: string): void {
    setWasCut(text.length > MAX_PROBLEM_LENGTH);
    controls.change({ problem: text });
  }

  return (
    <section className="group" aria-label="Problem">
      <div className="field">
        <label htmlFor={PROBLEM_BOX_ID}>Problem</label>
        <textarea
          id={PROBLEM_BOX_ID}
          className="mono"
          rows={3}
          value={problem}
          spellCheck={false}
          autoComplete="off"
          aria-describedby={`${id}-understood`}
          aria-invalid={!general && understanding.kind === 'outside'}
          onChange={(event) => change(event.target.value)}
        />
      </div>
      <div id={`${id}-understood`} className="understood" aria-live="polite">
        {wasCut && (
          <p className="warning">
            Only the first {formatCount(MAX_PROBLEM_LENGTH)} characters were kept.
          </p>
        )}
        {general && understanding.kind === 'outside' ? (
          <p className="small">The language model gets this as it stands.</p>
        ) : (
          <Understood understanding={understanding} />
        )}
      </div>
      <Examples onChoose={change} />
    </section>
  );
}

function Understood({ understanding }: Props) {
  if (understanding.kind === 'problem') {
    return (
      <>
        <p className="small">
          <span className="muted">Understood as</span> {understanding.shown}
        </p>
        {understanding.warnings.map((warning) => (
          <p key={warning.code} className="warning small">
            {warning.text}
          </p>
        ))}
      </>
    );
  }
  return (
    <div className="outside small">
      <p>
        <strong>{understanding.message}</strong>
      </p>
      {understanding.understood !== null && <p>{understanding.understood}</p>}
      {understanding.missing !== '' && <p>{understanding.missing}</p>}
      <p>{understanding.advice}</p>
    </div>
  );
}

function Examples({ onChoose }: { readonly onChoose: (text: string) => void }) {
  return (
    <div className="examples" role="group" aria-label="Examples">
      {FAMILIES.map((family) => (
        <div key={family.id} className="example-row">
          <span className="muted small">{family.label}</span>
          {family.examples.map((example) => (
            <button
              key={example.text}
              type="button"
              className="chip"
              title={example.text}
              aria-label={`${family.label}, ${example.difficulty}: ${example.text}`}
              onClick={() => onChoose(example.text)}
            >
              {example.difficulty}
            </button>
          ))}
        </div>
      ))}
    </div>
  );
}
