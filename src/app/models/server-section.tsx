/** A server of one's own: address, key, models, and what it honours. */
import { useId, type FormEvent, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { useSession } from '../session-context.ts';
import { CheckField } from '../ui/fields.tsx';
import { Failure } from './failure.tsx';
import type { ModelsDesk } from './models-desk.ts';
import type { ServerTest } from './models-store.ts';

export function ServerSection({ desk }: { desk: ModelsDesk }) {
  const server = useStore(desk.store, (state) => state.server);
  const served = useStore(desk.store, (state) => state.served);
  const test = useStore(desk.store, (state) => state.test);
  const session = useSession();
  const list = useId();
  function use(): void {
    const { baseUrl, key, policyModel, verifierModel } = server;
    session.useModels({ kind: 'server', baseUrl, key, policyModel, verifierModel });
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    void desk.testServer();
  }
  return (
    <section aria-labelledby="server-title" className="models-section">
      <h2 id="server-title">A server</h2>
      <p className="muted">
        Any OpenAI-compatible server: vLLM, SGLang, llama.cpp, LM Studio. It must allow this page (
        {window.location.origin}) by CORS. Texts and the key go to this server and nowhere else.
      </p>
      <form className="models-form" onSubmit={submit}>
        <TextField
          label="Address"
          value={server.baseUrl}
          placeholder="http://localhost:8000/v1"
          inputMode="url"
          onChange={(baseUrl) => desk.changeServer({ baseUrl })}
        />
        <TextField
          label="Key"
          type="password"
          value={server.key}
          hint="Only if the server wants one. Kept in memory; never in links, exports or logs."
          onChange={(key) => desk.changeServer({ key })}
        />
        <CheckField
          label="Remember address and key on this device"
          checked={server.remember}
          hint="Stored unencrypted in this browser."
          onChange={(remember) => desk.changeServer({ remember })}
        />
        <TextField
          label="Model that writes (policy)"
          value={server.policyModel}
          list={list}
          hint="Empty: the first one the server lists."
          onChange={(policyModel) => desk.changeServer({ policyModel })}
        />
        <TextField
          label="Model that scores (verifier)"
          value={server.verifierModel}
          list={list}
          hint="A reward model, or any model as a judge; “likelihood” for the policy's own confidence; empty for a vote."
          onChange={(verifierModel) => desk.changeServer({ verifierModel })}
        />
        <datalist id={list}>
          {served.map(({ id }) => (
            <option key={id} value={id} />
          ))}
        </datalist>
        <div className="button-row">
          <button type="submit" disabled={server.baseUrl.trim() === '' || test.phase === 'testing'}>
            Test the connection
          </button>
          {test.phase === 'works' && (
            <button type="button" onClick={use}>
              Use this server for runs
            </button>
          )}
        </div>
      </form>
      <div role="status" aria-label="Connection">
        <TestResult test={test} />
      </div>
    </section>
  );
}

function TestResult({ test }: { test: ServerTest }) {
  switch (test.phase) {
    case 'untested':
      return null;
    case 'testing':
      return <p className="muted">Asking the server …</p>;
    case 'failed':
      return <Failure error={test.error} />;
    case 'works':
      return (
        <>
          <p>
            <strong>{test.report.model}</strong> answers.
          </p>
          <ul className="probe-list" aria-label="What the server honours">
            {test.report.lines.map(({ feature, works, text }) => (
              <li key={feature} data-works={works}>
                <span aria-hidden="true" className={works ? 'right' : 'wrong'}>
                  {works ? '✓' : '✗'}
                </span>
                <span className="visually-hidden">{works ? 'yes: ' : 'no: '}</span>
                {text}
              </li>
            ))}
          </ul>
        </>
      );
  }
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly type?: 'text' | 'password';
  readonly inputMode?: 'url';
  readonly placeholder?: string;
  readonly list?: string;
  readonly hint?: ReactNode;
  readonly onChange: (value: string) => void;
}

function TextField({ label, hint, onChange, type = 'text', ...input }: TextProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type={type}
        autoComplete="off"
        spellCheck={false}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
        {...input}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}
