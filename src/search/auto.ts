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
    run.config = { ...run.config, ...choice.settings };
    yield* choice.strategy.explore(run, {
      config: { ...run.config, strategy: choice.strategy.id, budget },
      root: run.restart(childStream(root.stream, SECOND_PHASE)),
    });
  },
});

interface AutoChoice {
  readonly strategy: ExploringStrategy;
  /** As they were measured; what was not fixed there is the visitor's. */
  readonly settings: Partial<RunConfig>;
  readonly text: string;
}

function chooseStrategy(run: SearchRun, config: RunConfig, samples: number): AutoChoice {
  const fallback = { strategy: bestOfN, settings: {} };
  const table = run.context.computeOptimal ?? null;
  const ease = predictedEase(run);
  if (table === null) {
    return { ...fallback, text: 'Auto took best of N: no measured policy is there to choose by.' };
  }
  if (ease === null) {
    const text = 'Auto took best of N: the budget is too small to estimate the difficulty.';
    return { ...fallback, text };
  }
  const bin = binOf(table, ease);
  const why = `${costOf(run, config, samples)} had a mean verifier score of ${ease.toFixed(2)}, which is difficulty ${bin} of ${table.thresholds.length + 1}`;
  const measured = choiceFor(table, bin, config.budget);
  const strategy = measured === null ? undefined : usable(run, measured);
  if (measured === null || strategy === undefined) {
    const missing =
      measured === null ? 'nothing was measured' : `${measured.strategy} is missing here`;
    return { ...fallback, text: `Auto took best of N. Why: ${why}, for which ${missing}.` };
  }
  const { selection, accuracy, problems, budget } = measured;
  const figure = `right on ${Math.round(accuracy * 100)} % of ${problems} problems at a budget of ${budget}`;
  const text = `Auto took ${lowerFirst(strategy.label)} with ${selection} selection${shapeOf(measured)}. Why: ${why}; there it was measured best, ${figure}.`;
  return { strategy, settings: settingsOf(measured), text };
}

function settingsOf({ selection, parameters }: ComputeOptimalChoice): Partial<RunConfig> {
  const { aggregation, ...fixed } = parameters;
  return { ...fixed, selection, ...(aggregation === null ? {} : { aggregation }) };
}

/** The parameters that matter to the strategy: " (width 4, lookahead 3)". */
function shapeOf({ strategy, parameters }: ComputeOptimalChoice): string {
  const { width, lookahead: steps, chainLength } = parameters;
  const wide = `width ${width === 0 ? '√N' : width}`;
  switch (strategy) {
    case 'beam':
    case 'dvts':
      return ` (${wide})`;
    case 'lookahead':
      return ` (${wide}, ${steps} steps ahead)`;
    case 'revise':
      return ` (chains of ${chainLength})`;
    default:
      return '';
  }
}

/** What the estimate cost so far; all of it stands in the run's ledger. */
function costOf(run: SearchRun, config: RunConfig, samples: number): string {
  const { policyTokens, verifierTokens } = run.spent();
  const share = `${samples} of ${config.budget} generations`;
  const plural = samples === 1 ? 'sample' : 'samples';
  return `${samples} ${plural} (${share}, ${policyTokens} tokens written and ${verifierTokens} verified, all charged)`;
}

function usable(run: SearchRun, choice: ComputeOptimalChoice): ExploringStrategy | undefined {
  const strategy = DELEGATES.find((one) => one.id === choice.strategy);
  const canRevise = run.context.reviser && run.root.parent === null;
  if (strategy?.id === 'revise' && !canRevise) return undefined;
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

/** "best of N": within a sentence. */
function lowerFirst(label: string): string {
  return label.slice(0, 1).toLowerCase() + label.slice(1);
}
