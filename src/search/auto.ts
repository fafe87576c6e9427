/**
 * The compute-optimal strategy (Snell et al. 2024, section 3.2): a few samples predict how hard the
 * problem is, then the strategy that was measured best at this difficulty and budget gets the rest.
 * The samples are charged and take part in the selection.
 */
import { childStream } from '../shared/random.ts';
import type { RunConfig } from '../shared/run-config.ts';
import { beam } from './beam.ts';
import { bestOfN, sampleSolutions } from './best-of-n.ts';
import { binOf, choiceFor, type ComputeOptimalChoice } from './compute-optimal-table.ts';
import { defineStrategy, type ExploringStrategy } from './define-strategy.ts';
import { dvts } from './dvts.ts';
import { lookahead } from './lookahead.ts';
import { revise } from './revise.ts';
import type { SearchRun } from './search-run.ts';

const DELEGATES: readonly ExploringStrategy[] = [bestOfN, beam, lookahead, dvts, revise];

// Keeps the second phase from repeating the samples of the first.
const SECOND_PHASE = 0x20000000;

/** A quarter of the budget, at most this many samples, estimates the difficulty. */
const MOST_ESTIMATION_SAMPLES = 4;

export const auto = defineStrategy({
  id: 'auto',
  label: 'Auto',
  description: 'Guesses how hard the problem is and takes what was measured best for that.',
  async *explore(run, { config, root }) {
    const samples = Math.min(MOST_ESTIMATION_SAMPLES, config.budget >> 2);
    if (samples > 0) yield* sampleSolutions(run, { config, root, count: samples });
    const budget = config.budget - samples;
    const choice = chooseStrategy(run, config, samples);
    run.note('auto-choice', choice.text);
    run.useSelection(choice.selection);
    yield* choice.strategy.explore(run, {
      config: {
        ...config,
        strategy: choice.strategy.id,
        budget,
        selection: choice.selection,
        width: choice.width,
      },
      root: run.newRoot(root.prompt, childStream(root.stream, SECOND_PHASE)),
    });
  },
});

interface AutoChoice {
  readonly strategy: ExploringStrategy;
  readonly selection: RunConfig['selection'];
  readonly width: number;
  readonly text: string;
}

function chooseStrategy(run: SearchRun, config: RunConfig, samples: number): AutoChoice {
  const fallback = { strategy: bestOfN, selection: config.selection, width: config.width };
  const table = run.context.computeOptimal ?? null;
  const ease = predictedEase(run);
  if (table === null) {
    return { ...fallback, text: 'Best of N: no measured policy is there to choose by.' };
  }
  if (ease === null) {
    return { ...fallback, text: 'Best of N: the budget is too small to estimate the difficulty.' };
  }
  const bin = binOf(table, ease);
  const measured = choiceFor(table, bin, config.budget);
  const strategy = measured === null ? undefined : usable(run, measured);
  const spent = `${samples} of ${config.budget} generations went into the estimate`;
  const bins = table.thresholds.length + 1;
  const level = `difficulty ${bin} of ${bins} (verifier says ${ease.toFixed(2)}; ${spent})`;
  if (measured === null || strategy === undefined) {
    return { ...fallback, text: `Best of N for ${level}: nothing else was measured here.` };
  }
  const { selection, accuracy, problems } = measured;
  const figure = `${Math.round(accuracy * 100)} % of ${problems} such problems`;
  const text = `${strategy.label}, ${selection} selection, for ${level}. Measured: ${figure} at budget ${measured.budget}.`;
  return { strategy, selection, width: measured.width ?? config.width, text };
}

function usable(run: SearchRun, choice: ComputeOptimalChoice): ExploringStrategy | undefined {
  const strategy = DELEGATES.find((one) => one.id === choice.strategy);
  if (strategy?.id === 'revise' && !run.context.reviser) return undefined;
  return strategy;
}

/** Predicted difficulty needs no answers: the verifier's mean score at the end of the samples. What
 * did not finish counts as 0. null without samples or scores. */
function predictedEase(run: SearchRun): number | null {
  let sum = 0;
  let count = 0;
  for (const { stepScores, copies } of run.candidates) {
    sum += (stepScores.at(-1) ?? 0) * copies;
    count += copies;
  }
  const scored = run.candidates.some((candidate) => candidate.stepScores.length > 0);
  return scored ? sum / count : null;
}
