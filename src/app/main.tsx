import '../shared/no-eval.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { invariant } from '../shared/errors.ts';
import { App } from './app.tsx';
import { SessionContext } from './session-context.ts';
import { keepForOffline } from './state/offline.ts';
import { Session } from './state/session.ts';
import './ui/theme.css';
import './ui/controls.css';
import './app.css';

const session = new Session();

window.addEventListener('unhandledrejection', (event) => session.notices.report(event.reason));
window.addEventListener('error', (event) => session.notices.report(event.error));

const root = document.getElementById('root');
invariant(root !== null, 'index.html has a #root');
createRoot(root).render(
  <StrictMode>
    <SessionContext value={session}>
      <App />
    </SessionContext>
  </StrictMode>,
);
session
  .start()
  .then(keepForOffline)
  .catch((thrown: unknown) => session.notices.report(thrown));
