/** What revising did: chains of attempts, who won, and how often right was turned wrong. */
import { useMemo } from 'react';
import type { RunView } from '../../shared/run-view.ts';
import { scoreColor, scoreText } from '../tree/ramp.ts';
import {
  chainsOf,
  flipMeter,
  gainWords,
  lossWords,
  type Attempt,
  type FlipMeter,
} from './chains.ts';

/** Chains beyond this many are summed up; the tree shows them all. */
const SHOWN_CHAINS = 8;

export function ChainsPanel({ view, revision }: { view: RunView; revision: number }) {
  const chains = useMemo(() => {
    void revision;
    return chainsOf(view);
  }, [view, revision]);
  const flips = useMemo(() => {
    void revision;
    return flipMeter(view);
  }, [view, revision]);
  if (chains.length === 0) return null;
  const columns = Math.max(...chains.map(({ attempts }) => attempts.length));
  const hidden = chains.length - SHOWN_CHAINS;
  return (
    <div className="chains">
      <h3>Revisions</h3>
      {flips !== null && <Meters flips={flips} />}
      <p className="hint">
        {view.answer?.selection === 'majority'
          ? 'Each square is an attempt with its score, in the order of writing. One vote over all of them decides.'
          : 'Each square is an attempt with its score, in the order of writing. The framed one wins its chain; the blue one then wins among those.'}
      </p>
      {/* It scrolls sideways, so the keyboard must reach it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="chains-scroll" tabIndex={0} role="region" aria-label="Attempts of each chain">
        <table>
          <thead className="visually-hidden">
            <tr>
              <th scope="col">Chain</th>
              {Array.from({ length: columns }, (_, i) => (
                <th key={i} scope="col">
                  Attempt {i + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {chains.slice(0, SHOWN_CHAINS).map(({ chain, attempts }) => (
              <tr key={chain}>
                <th scope="row">{chain + 1}</th>
                {attempts.map((attempt) => (
                  <td key={attempt.candidate}>
                    <AttemptMark attempt={attempt} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hidden > 0 && <p className="muted small">and {hidden} more chains</p>}
    </div>
  );
}

function AttemptMark({ attempt }: { readonly attempt: Attempt }) {
  const { score, correct, answerText, wonChain, chosen } = attempt;
  const words = [
    answerText ?? 'no answer',
    score === null ? 'not scored' : `score ${scoreText(score)}`,
    correct === null ? '' : correct ? 'right' : 'wrong',
    chosen ? 'chosen' : wonChain ? 'wins its chain' : '',
  ].filter((word) => word !== '');
  const state = chosen ? ' attempt-chosen' : wonChain ? ' attempt-won' : '';
  return (
    <span className={`attempt${state}`} title={words.join(', ')}>
      <span
        className="attempt-score"
        aria-hidden="true"
        style={score === null ? undefined : { background: scoreColor(score) }}
      />
      <span aria-hidden="true">{correct === null ? '' : correct ? '✓' : '✗'}</span>
      <span className="visually-hidden">{words.join(', ')}</span>
    </span>
  );
}

function Meters({ flips }: { readonly flips: FlipMeter }) {
  return (
    <dl className="flip-meters" aria-label="What revising changed">
      <Meter term="Right to wrong" value={flips.lost} words={lossWords(flips)} tone="bad" />
      <Meter term="Wrong to right" value={flips.gained} words={gainWords(flips)} tone="good" />
    </dl>
  );
}

interface MeterProps {
  readonly term: string;
  readonly value: number | null;
  readonly words: string;
  readonly tone: 'good' | 'bad';
}

function Meter({ term, value, words, tone }: MeterProps) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>
        <span className={`flip-track flip-${tone}`} aria-hidden="true">
          <span style={{ width: `${(value ?? 0) * 100}%` }} />
        </span>
        <span className="small">{words}</span>
      </dd>
    </div>
  );
}
