/** Where nobody knows the truth, the visitor may: ticks and crosses then appear. */
import { useId, useState, type FormEvent } from 'react';
import type { RunView } from '../../shared/run-view.ts';
import { useSession } from '../session-context.ts';

const MAX_LENGTH = 200;

export function KnownAnswer({ view }: { readonly view: RunView }) {
  const session = useSession();
  const id = useId();
  const [text, setText] = useState('');
  const known = view.truth?.known ?? null;

  function give(answer: string | null): void {
    session.giveAnswer(answer).catch((thrown: unknown) => session.notices.report(thrown));
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (text.trim() !== '') give(text.trim());
  }

  if (known !== null) {
    return (
      <p className="small known-answer">
        <span>
          Right, as you say: <span className="mono">{known}</span>
        </span>
        <button type="button" className="quiet" onClick={() => give(null)}>
          Take back
        </button>
      </p>
    );
  }
  return (
    <form className="known-answer" onSubmit={submit}>
      <label htmlFor={id} className="small">
        Do you know the right answer?
      </label>
      <input
        id={id}
        type="text"
        className="mono"
        value={text}
        maxLength={MAX_LENGTH}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" aria-disabled={text.trim() === ''}>
        Mark
      </button>
    </form>
  );
}
