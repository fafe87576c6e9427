/** A small, consistent run for tests of what reads and shows logs. */
import { EMPTY_LEDGER } from '../../shared/ledger.ts';
import { DEFAULT_RUN_CONFIG } from '../../shared/run-config.ts';
import type { RunEvent, RunLog } from '../../shared/run-events.ts';

const node = (id: number, parent: number, depth: number, text: string): RunEvent => ({
  type: 'node',
  id,
  parent,
  depth,
  text,
  tokens: text.length + 1,
  logProb: -1,
  stream: [id, 7],
  end: depth === 2 ? 'solution' : 'step',
  role: 'step',
});

const candidate = (index: number, id: number, answer: string, score: number): RunEvent => ({
  type: 'candidate',
  index,
  id,
  answer,
  answerText: answer,
  stepScores: [0.5, score],
  logProb: -2,
  finished: true,
  correct: answer === '24',
  copies: 1,
});

export const SAMPLE_EVENTS: readonly RunEvent[] = [
  {
    type: 'start',
    version: 1,
    config: { ...DEFAULT_RUN_CONFIG, budget: 2 },
    prompt: 'make 24: 4 6 7',
    family: 'countdown',
    level: 'small-3',
    policy: 'policy',
    verifier: 'prm',
    engine: 'CPU',
  },
  { type: 'round', round: 1, beams: 1, requested: 2 },
  node(1, 0, 1, '7+4=11|6 11'),
  node(2, 0, 1, '7-4=3|3 6'),
  { type: 'score', id: 1, score: 0.2 },
  { type: 'score', id: 2, score: 0.4 },
  { type: 'rank', id: 2, rank: 1, of: 2, keeps: 2, kept: true, value: 0.4 },
  { type: 'rank', id: 1, rank: 2, of: 2, keeps: 2, kept: true, value: 0.2 },
  { type: 'round', round: 2, beams: 2, requested: 2 },
  node(3, 1, 2, '11+6=17|17'),
  node(4, 2, 2, '3*6=18|18'),
  { type: 'ledger', ledger: { ...EMPTY_LEDGER, generations: 2, policyTokens: 44 } },
  candidate(0, 3, '17', 0.1),
  candidate(1, 4, '18', 0.3),
  {
    type: 'answer',
    selection: 'weighted',
    answer: '18',
    answerText: '18',
    candidate: 1,
    correct: false,
    votes: [
      { answer: '18', answerText: '18', weight: 0.3, count: 1 },
      { answer: '17', answerText: '17', weight: 0.1, count: 1 },
    ],
  },
  { type: 'end', reason: 'done' },
];

export const SAMPLE_LOG: RunLog = {
  format: 'overthink-run',
  version: 1,
  label: 'sample',
  recordedAt: '2026-01-01T00:00:00.000Z',
  events: [...SAMPLE_EVENTS],
};
