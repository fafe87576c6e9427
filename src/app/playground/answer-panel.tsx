/** What the run came to: the answer, the votes, and two sentences on how it got there. */
import { useStore } from 'zustand';
import type { Ledger } from '../../shared/ledger.ts';
import type { RunView } from '../../shared/run-view.ts';
import { useSession } from '../session-context.ts';
import type { RunState } from '../state/run-store.ts';
import {
  formatCost,
  formatCount,
  formatPercent,
  formatPlural,
  formatSeconds,
  formatShort,
} from '../ui/format.ts';
import { useThrottled } from '../ui/use-throttled.ts';
import { ChainsPanel } from './chains-panel.tsx';
import { ExportMenu } from './export-menu.tsx';
import { failuresOf, isFailure } from './failures.ts';
import { JudgePanel } from './judge-panel.tsx';
import { KnownAnswer } from './known-answer.tsx';
import { ShareButton } from './share-button.tsx';
import { tellStory, voteBars, voteWords, type Bar } from './story.ts';

const SHOWN_BARS = 4;
/** A new object only when something shown here has changed: the view itself changes in place. */
const readRun = (state: RunState): { state: RunState } => ({ state });

export function AnswerPanel() {
  const { run } = useSession();
  const { state } = useThrottled(run, readRun);
  const { view } = state;
  return (
    <section
      className="group answer"
      aria-label="Answer"
      data-run={state.id ?? ''}
      data-status={view.status}
    >
      <div className="group-head">
        <h2>Answer</h2>
        <div className="button-row">
          <ShareButton />
          <ExportMenu />
        </div>
      </div>
      <Outcome state={state} />
      {canBeMarked(state) && <KnownAnswer key={state.id} view={view} />}
      {view.answer !== null && <Votes view={view} />}
      {view.answer !== null &&
        tellStory(view).map((sentence) => (
          <p key={sentence} className="story">
            {sentence}
          </p>
        ))}
      {failuresOf(view).map((flag) => (
        <p key={flag.code} className="note note-flag small">
          <strong>⚑ {flag.title}.</strong> {flag.text}
        </p>
      ))}
      {countedNotes(view).map(([text, times]) => (
        <p key={text} className="note small">
          {text}
          {times > 1 && ` (${times} times)`}
        </p>
      ))}
      <ChainsPanel view={view} revision={state.revision} />
      {isDecided(state) && <JudgePanel view={view} revision={state.revision} />}
      <Spent view={view} />
    </section>
  );
}

/** Each text once, and how often it was said: many branches may be lost for one reason. */
function countedNotes({ notes }: RunView): [string, number][] {
  const times = new Map<string, number>();
  for (const { code, text } of notes) {
    if (!isFailure(code)) times.set(text, (times.get(text) ?? 0) + 1);
  }
  return [...times];
}

/** At the end of a run that has something to choose from. */
function isDecided({ view, running, cursor, events }: RunState): boolean {
  return !running && cursor === events.length && view.answer !== null && view.candidates.length > 1;
}

/** Where the visitor's own knowledge is the only truth, or has been given already. */
function canBeMarked({ view, running, id, cursor, events }: RunState): boolean {
  if (running || id === null || cursor < events.length || view.answer === null) return false;
  if (view.truth !== null) return true;
  return view.candidates.some((one) => one.answer !== null && one.correct === null);
}

function Outcome({ state }: { readonly state: RunState }) {
  const { view, error } = state;
  const problem = error ?? view.error;
  return (
    <>
      {problem !== null && (
        <div className="outside" role="alert">
          <p>
            <strong>{problem.message}</strong> {problem.advice}
          </p>
          <p className="small mono">{problem.code}</p>
        </div>
      )}
      {view.answer === null ? (
        problem === null && <p className="muted">{pendingText(state)}</p>
      ) : (
        <p className="chosen">
          <output className="mono chosen-text">{view.answer.answerText ?? 'no answer'}</output>{' '}
          <Correctness correct={view.answer.correct} />
        </p>
      )}
    </>
  );
}

function pendingText({ view, running, events, cursor }: RunState): string {
  if (running) return view.candidates.length > 0 ? found(view) : 'Searching …';
  if (events.length === 0) return 'Nothing has run yet.';
  if (cursor < events.length) return 'Not decided yet at this point of the run.';
  return view.status === 'stopped' ? 'Stopped before an answer was found.' : 'No answer.';
}

function found(view: RunView): string {
  return `${formatPlural(view.candidates.length, 'solution')} so far …`;
}

function Correctness({ correct }: { readonly correct: boolean | null }) {
  if (correct === null) return <span className="muted small">truth not known</span>;
  return <span className={correct ? 'right' : 'wrong'}>{correct ? '✓ right' : '✗ wrong'}</span>;
}

function Votes({ view }: { readonly view: RunView }) {
  const bars = voteBars(view);
  if (bars.length === 0 || view.answer === null) return null;
  const rest = bars.slice(SHOWN_BARS);
  const restShare = rest.reduce((sum, bar) => sum + bar.share, 0);
  return (
    <div>
      <p className="hint">{voteWords(view)}</p>
      <ul className="votes" aria-label="Votes">
        {bars.slice(0, SHOWN_BARS).map((bar) => (
          <VoteRow key={bar.answer} bar={bar} />
        ))}
        {rest.length > 0 && (
          <li className="muted small">
            {formatPlural(rest.length, 'more answer')}, together {formatPercent(restShare)}
          </li>
        )}
      </ul>
    </div>
  );
}

function VoteRow({ bar }: { readonly bar: Bar }) {
  return (
    <li className={bar.chosen ? 'vote vote-chosen' : 'vote'}>
      <span className="vote-answer mono" title={bar.answerText}>
        {bar.answerText}
      </span>
      <span className="vote-mark" aria-hidden="true">
        {bar.correct === null ? '' : bar.correct ? '✓' : '✗'}
      </span>
      {bar.correct !== null && (
        <span className="visually-hidden">{bar.correct ? 'right,' : 'wrong,'}</span>
      )}
      <span className="vote-track" aria-hidden="true">
        <span style={{ width: `${bar.share * 100}%` }} />
      </span>
      <span className="vote-share">
        {formatPercent(bar.share)} <span className="muted">×{bar.count}</span>
      </span>
    </li>
  );
}

/** What only servers report or charge. */
function serverRows({ cachedTokens, cost }: Ledger): [string, string, string][] {
  const rows: [string, string, string][] = [];
  if (cachedTokens !== undefined) {
    const meaning = 'Prompt tokens that the server did not have to read again.';
    rows.push(['from the server’s cache', formatCount(cachedTokens), meaning]);
  }
  if (cost !== undefined) {
    const meaning = 'By the prices on the Models page, in your currency.';
    rows.push(['cost at your prices', formatCost(cost), meaning]);
  }
  return rows;
}

/** Nothing was written for nothing: 0 is a model whose size nobody knows. */
function flopsWords(flops: number): string {
  return flops === 0 ? 'unknown' : formatShort(flops);
}

function Spent({ view }: { readonly view: RunView }) {
  const { ledger } = view;
  if (view.start === null) return null;
  const rows = [
    [
      'generations',
      formatCount(ledger.generations),
      'Complete answers sampled; what the budget counts.',
    ],
    ['tokens written', formatCount(ledger.policyTokens), 'By the policy.'],
    ['tokens read', formatCount(ledger.prefillTokens), 'Prompts that the policy had to read.'],
    ['tokens verified', formatCount(ledger.verifierTokens), 'Read by the verifier.'],
    ['FLOPs', flopsWords(ledger.flopsExecuted), 'Executed: what sequences share is counted once.'],
    [
      'FLOPs if nothing were shared',
      flopsWords(ledger.flopsNominal),
      'Nominal: every sample pays for its whole prefix.',
    ],
    ['time', formatSeconds(ledger.elapsedMs / 1000), 'On this device.'],
    ...serverRows(ledger),
  ] as const;
  return (
    <dl className="ledger" aria-label="Compute spent">
      {rows.map(([term, value, meaning]) => (
        <div key={term} title={meaning}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** One line for where the answer itself is out of sight. */
export function AnswerLine() {
  const { run } = useSession();
  const answer = useStore(run, (state) => state.view.answer);
  if (answer === null) return null;
  return (
    <span className="answer-line small">
      <span className="mono">{answer.answerText ?? 'no answer'}</span>{' '}
      <Correctness correct={answer.correct} />
    </span>
  );
}
