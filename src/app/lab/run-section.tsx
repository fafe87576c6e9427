/** Starts, stops and resumes; what it will cost, how far it is. Files in and out. */
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { pointsOf } from '../../eval/points.ts';
import { resultsCsv } from '../../eval/results-table.ts';
import { useSession } from '../session-context.ts';
import { download } from '../ui/download.ts';
import { formatAbout, formatCount, formatPlural, formatSeconds } from '../ui/format.ts';
import { estimateSweep, secondsLeft } from './estimate.ts';
import { FileButton } from './file-button.tsx';
import type { LabDesk } from './lab-desk.ts';
import { obstacleOf, planOf, specOf, workersFor } from './lab-setup.ts';
import { shownResults, type LabProgress } from './lab-store.ts';

interface Props {
  readonly desk: LabDesk;
}

export function RunSection({ desk }: Props) {
  const running = useStore(desk.store, (state) => state.running);
  const failure = useStore(desk.store, (state) => state.failure);
  return (
    <section className="lab-section" aria-labelledby="lab-run-title">
      <h2 id="lab-run-title">Measure</h2>
      {running === null ? <Prepared desk={desk} /> : <Running desk={desk} progress={running} />}
      {failure !== null && (
        <div className="outside" role="alert">
          <p>
            {failure.message} {failure.advice} <span className="mono small">{failure.code}</span>
          </p>
          <p className="small">What was measured is kept; Resume measures what is missing.</p>
        </div>
      )}
      <Files desk={desk} />
    </section>
  );
}

function Prepared({ desk }: Props) {
  const { engine } = useSession();
  const { setup, problems, measured, key } = useStore(desk.store);
  const speed = useStore(engine, ({ status }) => (status.phase === 'ready' ? status : null));
  const languageModel = speed?.general === true;
  const workers = workersFor(setup, languageModel);
  const used = problems.phase === 'ready' ? problems.set.problems : [];
  const obstacle = obstacleOf(setup, used, speed?.extras ?? null);
  const estimate = useMemo(() => {
    const list = problems.phase === 'ready' ? problems.set.problems : [];
    const runnable = list.length > 0 && setup.strategies.length > 0 && setup.budgets.length > 0;
    if (!runnable) return null;
    return estimateSweep(planOf(specOf(setup, list)), measured, speed, workers);
  }, [setup, problems, measured, speed, workers]);
  const complete = estimate !== null && measured.length >= estimate.results;
  const blocked = obstacle !== null || key === null || complete;
  return (
    <>
      <p role="status" aria-label="Sweep">
        {obstacle ??
          (complete
            ? `Complete: all ${formatCount(measured.length)} results are measured.`
            : measured.length > 0
              ? `Stopped: ${formatCount(measured.length)} of ${formatCount(estimate?.results ?? 0)} results are measured.`
              : 'Ready.')}
      </p>
      {estimate !== null && !complete && (
        <p className="small">
          {formatPlural(used.length, 'problem')} × {formatPlural(setup.strategies.length, 'curve')}{' '}
          × {formatPlural(setup.budgets.length, 'budget')} × {formatPlural(setup.seeds, 'seed')} ={' '}
          {formatPlural(estimate.results, 'result')}. Still to do: {formatCount(estimate.runs)}{' '}
          {estimate.runs === 1 ? 'search' : 'searches'}, about {formatAbout(estimate.tokens)} tokens
          {estimate.seconds !== null &&
            `, about ${formatSeconds(estimate.seconds)} ${languageModel ? 'at the measured speed of the language model' : `here with ${formatPlural(workers, 'worker')}`}`}
          .
        </p>
      )}
      <div className="button-row">
        <button
          type="button"
          className="primary"
          aria-disabled={blocked}
          title="Ctrl+Enter"
          onClick={() => {
            if (!blocked) void desk.start();
          }}
        >
          {measured.length > 0 ? 'Resume' : 'Start'}
        </button>
        {measured.length > 0 && <ForgetButton desk={desk} />}
      </div>
      <p className="hint">
        Curves that differ only in the selection rule read the same search; smaller budgets of
        Best-of-N, DVTS and revisions are the beginning of the largest; greedy runs once per
        problem. The time is an estimate from the speed measured at start, at the typical length of
        such solutions.
      </p>
    </>
  );
}

/** Asks once more in place: a sweep may have taken hours. */
function ForgetButton({ desk }: Props) {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <button type="button" className="quiet" onClick={() => setAsking(true)}>
        Discard results …
      </button>
    );
  }
  return (
    <>
      <button
        type="button"
        onClick={() => {
          setAsking(false);
          void desk.forget();
        }}
      >
        Discard them
      </button>
      <button type="button" className="quiet" onClick={() => setAsking(false)}>
        Keep
      </button>
    </>
  );
}

function Running({ desk, progress }: Props & { readonly progress: LabProgress }) {
  const { done, total, workers, stopping } = progress;
  const now = useClock();
  const left = secondsLeft({ ...progress, elapsedMs: now - progress.startedAt });
  return (
    <>
      <p role="status" aria-label="Sweep">
        {stopping ? 'Stopping …' : `Measuring with ${formatPlural(workers, 'worker')}.`}
      </p>
      <progress aria-label="Measured results" className="lab-progress" value={done} max={total} />
      <div className="button-row">
        <button type="button" aria-disabled={stopping} onClick={() => desk.stop()}>
          Stop
        </button>
        <span className="small">
          {formatCount(done)} of {formatCount(total)} results
          {left !== null && `, about ${formatSeconds(left)} left`}
        </span>
      </div>
    </>
  );
}

/** Milliseconds of the page's clock, once a second. */
function useClock(): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function Files({ desk }: Props) {
  const { notices } = useSession();
  const state = useStore(desk.store);
  const { imported, shipped, problems } = state;
  const results = shownResults(state);
  const listed = imported?.problems ?? (problems.phase === 'ready' ? problems.set.problems : []);
  const none = shipped !== null || results.length === 0;
  return (
    <>
      {shipped !== null && (
        <div className="warning">
          <p>
            Shown: <strong>{shipped.label}</strong>, measured before this page was built
            {shipped.measuredAt !== '' && ` (${shipped.measuredAt.slice(0, 10)})`}. The seconds are
            those of another device.
          </p>
          <button type="button" className="quiet" onClick={() => desk.closeImported()}>
            Back to what was measured here
          </button>
        </div>
      )}
      {imported !== null && (
        <div className="warning">
          <p>
            Shown: <strong>{imported.name}</strong>, {formatPlural(results.length, 'result')} on{' '}
            {formatPlural(imported.problems.length, 'problem')}. These were not measured here, and
            the seconds are those of another device.
          </p>
          <button type="button" className="quiet" onClick={() => desk.closeImported()}>
            Back to what was measured here
          </button>
        </div>
      )}
      <div className="button-row">
        <button
          type="button"
          onClick={() => {
            desk.openShipped().catch((thrown: unknown) => notices.report(thrown));
          }}
        >
          Open shipped curves
        </button>
        <FileButton
          label="Open results (JSON)"
          accept=".json"
          onFile={(file) => {
            desk.openFile(file).catch((thrown: unknown) => notices.report(thrown));
          }}
        />
        <button
          type="button"
          aria-disabled={none}
          onClick={() => {
            if (none) return;
            const document = { problems: listed, points: pointsOf(results), results };
            download(JSON.stringify(document), 'overthink-lab.json', 'application/json');
          }}
        >
          Export JSON
        </button>
        <button
          type="button"
          aria-disabled={none}
          onClick={() => {
            if (!none) download(resultsCsv(results), 'overthink-lab.csv', 'text/csv');
          }}
        >
          Export CSV
        </button>
      </div>
    </>
  );
}
