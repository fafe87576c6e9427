/** What an attempt was written from, and what it changed. */
import type { RunView } from '../../shared/run-view.ts';
import { Diff } from './diff-text.tsx';
import './revision.css';
import { scoreText } from './ramp.ts';
import type { AttemptText, Revision } from './revision.ts';

interface Props {
  readonly view: RunView;
  readonly revision: Revision;
  readonly onSelect: (id: number) => void;
}

export function RevisionWindow({ revision, onSelect }: Props) {
  const { window, before, attempt, text } = revision;
  return (
    <div className="tree-window">
      <h4>
        {window.length === 0
          ? 'Written from the problem alone'
          : `Written with ${window.length === 1 ? 'one earlier attempt' : `the last ${window.length} attempts`} in view`}
      </h4>
      {window.length > 0 && (
        <ol aria-label="Attempts in view, oldest first">
          {window.map((one) => (
            <li key={one.id}>
              <ShownAttempt shown={one} onSelect={onSelect} />
            </li>
          ))}
        </ol>
      )}
      {before !== null && (
        <>
          <h4>
            Changed from attempt {before.attempt + 1} to {attempt + 1}
          </h4>
          {before.text === text ? (
            <p>Nothing: the same again.</p>
          ) : (
            <Diff before={before.text} after={text} />
          )}
        </>
      )}
    </div>
  );
}

function ShownAttempt({ shown, onSelect }: { shown: AttemptText; onSelect: (id: number) => void }) {
  const { attempt, id, text, score, correct } = shown;
  return (
    <button type="button" className="tree-window-attempt" onClick={() => onSelect(id)}>
      <span className="tree-window-head">
        attempt {attempt + 1}
        <span>{score === null ? '' : scoreText(score)}</span>
        {correct !== null && <span>{correct ? '✓ right' : '✗ wrong'}</span>}
      </span>
      <code>{text}</code>
    </button>
  );
}
