/** What runs now, what could run here, and what lies on this disk. */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useSession } from '../session-context.ts';
import { SHIPPED } from '../../worker/model-choice.ts';
import { describeLoading, type EngineStatus } from '../state/engine-store.ts';
import { formatAbout, formatBytes } from '../ui/format.ts';
import { CatalogueSection } from './catalogue-section.tsx';
import { EngineSection } from './engine-section.tsx';
import { ModelsDesk } from './models-desk.ts';
import { ServerSection } from './server-section.tsx';
import './models.css';

// One for the visit: downloads go on while another page is open, and the key stays in memory.
let shared: ModelsDesk | null = null;

export function ModelsPage() {
  const [desk] = useState(() => (shared ??= new ModelsDesk()));
  const { notices, engine } = useSession();
  const ready = useStore(engine, ({ status }) => status.phase === 'ready');
  // Once more when the models are there: they lie on the disk then.
  useEffect(() => {
    desk.refresh().catch((thrown: unknown) => notices.report(thrown));
  }, [desk, notices, ready]);
  return (
    <div className="models-page">
      <CurrentSection />
      <EngineSection />
      <CatalogueSection desk={desk} />
      <ServerSection desk={desk} />
      <StorageSection desk={desk} />
    </div>
  );
}

function CurrentSection() {
  const session = useSession();
  const status = useStore(session.engine, (state) => state.status);
  const others = useStore(session.engine, (state) => state.kind !== 'shipped');
  const loading = status.phase === 'starting' || status.phase === 'loading';
  const stalled = useStalled(loading ? status : null);
  return (
    <section aria-labelledby="current-title" className="models-section">
      <h2 id="current-title">What runs now</h2>
      <dl className="facts" aria-label="Models in use">
        {currentFacts(status).map(([name, value]) => (
          <div key={name}>
            <dt className="muted">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {others && stalled && (
        <p className="warning" role="status">
          Nothing has come of it for a minute. Compiling for the GPU can take that long the first
          time; if it goes on, stop, close other tabs that use the GPU, or choose a smaller model.
        </p>
      )}
      {/* What failed says so above the page, with the same way out. */}
      {others && status.phase !== 'failed' && (
        <div className="button-row">
          <button type="button" onClick={() => session.useModels(SHIPPED)}>
            {loading ? 'Stop, and use the small models' : 'Use the small models'}
          </button>
        </div>
      )}
    </section>
  );
}

const STALL_MS = 60_000;

/** Whether a status has stayed the same for a minute; null cannot stall. */
function useStalled(status: EngineStatus | null): boolean {
  const [old, setOld] = useState<EngineStatus | null>(null);
  useEffect(() => {
    if (status === null) return;
    const timer = setTimeout(() => setOld(status), STALL_MS);
    return () => clearTimeout(timer);
  }, [status]);
  return status !== null && old === status;
}

function currentFacts(status: EngineStatus): readonly (readonly [string, string])[] {
  switch (status.phase) {
    case 'starting':
      return [['State', 'starting']];
    case 'loading':
      return [['State', `loading: ${describeLoading(status)}`]];
    case 'failed':
      return [
        ['State', status.error.message],
        ['What to do', status.error.advice],
        ['Details', `${status.error.code} – ${status.error.cause ?? 'no more is known'}`],
      ];
    case 'ready':
      return [
        ['Policy (writes)', status.policy],
        ['Verifier (scores)', status.verifier ?? 'none: answers are chosen by vote'],
        ['Engine', status.label],
        ...(status.modelBytes > 0 ? [['Size', formatBytes(status.modelBytes)] as const] : []),
        ['Speed', `about ${formatAbout(status.policyTokensPerSecond)} tokens a second`],
      ];
  }
}

function StorageSection({ desk }: { desk: ModelsDesk }) {
  const quota = useStore(desk.store, (state) => state.quota);
  return (
    <section aria-labelledby="storage-title" className="models-section">
      <h2 id="storage-title">Disk</h2>
      {quota === null ? (
        <p className="muted">The browser does not say how much this page may store.</p>
      ) : (
        <p>
          This page uses {formatBytes(quota.usedBytes)}. The browser allows{' '}
          {formatBytes(quota.freeBytes)} more, if the disk has them.{' '}
          {quota.persistent
            ? 'The browser keeps it until you delete it.'
            : 'The browser may clear it when the disk runs full.'}
        </p>
      )}
    </section>
  );
}
