/** The frame of all pages: header, notices, the page itself, files dropped anywhere. */
import { Suspense, useEffect } from 'react';
import { PAGES, usePage } from './router.ts';
import { useSession } from './session-context.ts';
import { EngineChip } from './ui/engine-chip.tsx';
import { EngineProblem } from './ui/engine-problem.tsx';
import { ErrorBoundary } from './ui/error-boundary.tsx';
import { Notices } from './ui/notices.tsx';
import { useFileDrop } from './ui/use-file-drop.ts';

export function App() {
  const session = useSession();
  const page = usePage();
  const dropping = useFileDrop((file) => void session.importFile(file));
  useKeyboard();

  return (
    <div className={dropping ? 'app app-dropping' : 'app'}>
      <a className="skip-link" href="#main" onClick={focusMain}>
        Skip to the page
      </a>
      <header className="app-header">
        <h1>Overthink</h1>
        <p className="claim muted">Let a small model think longer, and watch what it buys.</p>
        <nav aria-label="Pages">
          {PAGES.map((entry) => (
            <a
              key={entry.id}
              href={`#/${entry.id}`}
              aria-current={entry === page ? 'page' : undefined}
            >
              {entry.label}
            </a>
          ))}
        </nav>
        <EngineChip />
      </header>
      <Notices />
      <EngineProblem />
      <main id="main" tabIndex={-1} className="app-main">
        <ErrorBoundary name="This page">
          {page === null ? (
            <NoSuchPage />
          ) : (
            <Suspense fallback={<p className="loading muted">Loading the page …</p>}>
              <page.component />
            </Suspense>
          )}
        </ErrorBoundary>
      </main>
      {dropping && <div className="drop-hint">Drop the file to open it</div>}
    </div>
  );
}

function NoSuchPage() {
  return (
    <div className="problem">
      <p>
        <strong>There is no such page.</strong> The link may be from another version.
      </p>
      <p>
        <a href={`#/${PAGES[0].id}`}>Go to the playground</a>
      </p>
    </div>
  );
}

function focusMain(event: { preventDefault(): void }): void {
  // The hash is the address of the page, so the link must not change it.
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** Ctrl or Cmd with Enter runs, Esc stops, wherever the focus is. */
function useKeyboard(): void {
  const session = useSession();
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        session.requestRun();
      } else if (event.key === 'Escape' && !event.defaultPrevented) {
        session.stop();
      }
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [session]);
}
