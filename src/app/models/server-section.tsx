/** A server of one's own: address, key, models, and what it honours. */
import { useId, type FormEvent, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { MAX_CONCURRENCY } from '../../engine/openai/limiter.ts';
import type { Price } from '../../shared/price.ts';
import { useSession } from '../session-context.ts';
import { CheckField, NumberField } from '../ui/fields.tsx';
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
    const { baseUrl, key, policyModel, price, concurrency } = server;
    const { verifierModel, verifierBaseUrl, verifierKey } = server;
    const priced = price.read > 0 || price.written > 0 ? { price } : {};
    const verifier = { verifierModel, verifierBaseUrl, verifierKey };
    const models = { baseUrl, key, policyModel, concurrency, ...verifier, ...priced };
    session.useModels({ kind: 'server', ...models });
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
        {window.location.origin}) by CORS. Texts and keys go to the servers named here and nowhere
        else.
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
          hint="A reward model behind vLLM's /pooling, /classify or /score, or any model as a judge; “likelihood” for the policy's own confidence; empty for a vote."
          onChange={(verifierModel) => desk.changeServer({ verifierModel })}
        />
        <TextField
          label="Where the verifier is served"
          value={server.verifierBaseUrl}
          inputMode="url"
          hint="Empty: at the same address. vLLM serves one model, so a reward model has an address of its own."
          onChange={(verifierBaseUrl) => desk.changeServer({ verifierBaseUrl })}
        />
        {server.verifierBaseUrl.trim() !== '' && (
          <TextField
            label="Key for the verifier"
            type="password"
            value={server.verifierKey}
            hint="Only if that server wants one; the key above is not sent there."
            onChange={(verifierKey) => desk.changeServer({ verifierKey })}
          />
        )}
        <NumberField
          label="Requests at the same time"
          value={server.concurrency}
          min={1}
          max={MAX_CONCURRENCY}
          step={1}
          hint="Servers batch what arrives together; one that answers “too many requests” wants fewer."
          onChange={(concurrency) => desk.changeServer({ concurrency })}
        />
        <PriceFields price={server.price} onChange={(price) => desk.changeServer({ price })} />
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

interface PriceProps {
  readonly price: Price;
  readonly onChange: (price: Price) => void;
}

/** What the server charges, for the ledger of a run. */
function PriceFields({ price, onChange }: PriceProps) {
  const range = { min: 0, max: 1_000_000, step: 0.01 };
  return (
    <>
      <NumberField
        label="Price of a million tokens read (prompt)"
        value={price.read}
        hint="0: free or not known. What a run costs then stands beside its answer, in your currency. Prices stay on this device."
        onChange={(read) => onChange({ ...price, read })}
        {...range}
      />
      <NumberField
        label="Price of a million tokens written (completion)"
        value={price.written}
        hint="Both models at this price; tokens from the server's prefix cache count in full."
        onChange={(written) => onChange({ ...price, written })}
        {...range}
      />
    </>
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
            <strong>{test.report.model}</strong> answers. {test.verifier}
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
