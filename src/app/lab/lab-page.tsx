/** The Lab: a problem set × strategies × budgets × seeds, measured here, with what it says. */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useSession } from '../session-context.ts';
import { ErrorBoundary } from '../ui/error-boundary.tsx';
import { DifficultySections } from './difficulty-sections.tsx';
import { FlopsSection } from './flops-section.tsx';
import { LabDesk } from './lab-desk.ts';
import { ProblemChoice } from './problem-choice.tsx';
import {
  CurvesSection,
  DifferencesSection,
  FlagsSection,
  PassSection,
} from './results-sections.tsx';
import { RunSection } from './run-section.tsx';
import { SavingsSection } from './savings-section.tsx';
import { SweepChoice } from './sweep-choice.tsx';
import '../charts/chart.css';
import './lab.css';

// One for the visit: a sweep goes on while another page is open.
let shared: LabDesk | null = null;

export function LabPage() {
  const session = useSession();
  const [desk] = useState(() => (shared ??= new LabDesk(session)));
  const running = useStore(desk.store, (state) => state.running !== null);

  useEffect(() => {
    const readAddress = (): void => void desk.readAddress();
    readAddress();
    session.fileOpener = (file) => desk.openFile(file);
    session.pageRun = () => void desk.start();
    window.addEventListener('hashchange', readAddress);
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) desk.stop();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => {
      session.fileOpener = null;
      session.pageRun = null;
      window.removeEventListener('hashchange', readAddress);
      window.removeEventListener('keydown', onKeyDown);
    };
  }, [session, desk]);

  return (
    <div className="lab">
      <fieldset className="lab-setup" disabled={running}>
        <legend className="visually-hidden">What to measure</legend>
        <ProblemChoice desk={desk} />
        <SweepChoice desk={desk} />
      </fieldset>
      <div className="lab-results">
        <RunSection desk={desk} />
        <ErrorBoundary name="The analysis">
          <Findings desk={desk} />
        </ErrorBoundary>
      </div>
    </div>
  );
}

function Findings({ desk }: { readonly desk: LabDesk }) {
  const { points, analysis, analysing } = useStore(desk.store);
  const running = useStore(desk.store, (state) => state.running !== null);
  if (points === null) {
    const empty = analysing
      ? 'Reading the results …'
      : running
        ? 'The first results are on their way.'
        : 'Nothing is measured yet for these settings. Start the sweep, or open results that eval or the Lab has written.';
    return (
      <>
        <section className="lab-section" aria-labelledby="lab-empty-title">
          <h2 id="lab-empty-title">Accuracy against compute</h2>
          <p className="muted lab-empty">{empty}</p>
        </section>
        <FlopsSection desk={desk} own={null} />
      </>
    );
  }
  return (
    <>
      <CurvesSection desk={desk} points={points} />
      {analysis === null ? (
        <p className="muted">Comparing on the same problems …</p>
      ) : (
        <>
          <DifferencesSection analysis={analysis} />
          <SavingsSection savings={analysis.curves.savings} />
          <PassSection analysis={analysis} />
          <FlagsSection analysis={analysis} />
          <DifficultySections desk={desk} analysis={analysis} />
        </>
      )}
    </>
  );
}
