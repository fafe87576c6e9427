/**
 * What a run will cost, before it runs: the shape of the search and an estimate of tokens and time
 * from the length of the problem and the measured speed of this device. Pure.
 */
import { MAX_ROUNDS, type RunConfig } from '../../shared/run-config.ts';
import { MAX_ATTEMPTS_SHOWN } from '../../shared/revision-prompt.ts';
import { keptBeams, lookaheadShape, subtreeSizes, widthFor } from '../../search/widths.ts';
import { formatAbout, formatPlural, formatSeconds } from '../ui/format.ts';

export interface PlanProblem {
  readonly family: string;
  readonly level: string | null;
  readonly prompt: string;
}

export interface Speed {
  readonly policyTokensPerSecond: number;
  readonly verifierTokensPerSecond: number;
}

export interface Plan {
  /** "16 beams, the best 4 survive a round, about 3 rounds". */
  readonly shape: string;
  readonly generations: number;
  readonly rounds: number;
  readonly policyTokens: number;
  readonly verifierTokens: number;
  /** null until the speed of this device is known. */
  readonly seconds: number | null;
}

export function planRun(config: RunConfig, problem: PlanProblem | null, speed: Speed | null): Plan {
  const solution = problem === null ? { steps: 3, tokens: 45 } : solutionSize(problem);
  const rounds = Math.min(solution.steps, MAX_ROUNDS);
  const generations = config.strategy === 'greedy' ? 1 : config.budget;
  const policyTokens = generations * solution.tokens;
  const verifierTokens = verifierTokensOf(config, solution.tokens, problem?.prompt.length ?? 18);
  const seconds =
    speed === null
      ? null
      : policyTokens / speed.policyTokensPerSecond + verifierTokens / speed.verifierTokensPerSecond;
  return {
    shape: shapeOf(config, rounds),
    generations,
    rounds,
    policyTokens,
    verifierTokens,
    seconds,
  };
}

/** The verifier reads every answer; of revisions also the attempts before it. */
function verifierTokensOf(config: RunConfig, solution: number, prompt: number): number {
  const { strategy, budget } = config;
  if (strategy === 'greedy') return 0;
  const once = budget * solution + prompt + 2;
  if (strategy !== 'revise') return once;
  const length = Math.min(config.chainLength, budget);
  const chains = Math.ceil(budget / length);
  let shown = 0;
  for (let attempt = 0; attempt < length; attempt++) shown += Math.min(attempt, MAX_ATTEMPTS_SHOWN);
  return once + chains * shown * solution + budget * prompt;
}

/** "16 generations, about 900 tokens, about 0.3 s here". */
export function planInWords(plan: Plan): string {
  const parts = [
    formatPlural(plan.generations, 'generation'),
    `about ${formatAbout(plan.policyTokens)} tokens`,
  ];
  if (plan.seconds !== null) parts.push(`about ${formatSeconds(plan.seconds)} here`);
  return parts.join(', ');
}

function shapeOf(config: RunConfig, rounds: number): string {
  const { budget, strategy } = config;
  const depth = `about ${formatPlural(rounds, 'round')} of one step each`;
  switch (strategy) {
    case 'greedy':
      return 'One answer, always the likeliest next token.';
    case 'best-of-n':
      return `${formatPlural(budget, 'independent answer')}, about ${formatPlural(rounds, 'step')} each.`;
    case 'beam':
      return `${beams(config, budget)}; ${depth}.`;
    case 'lookahead': {
      const { slots, steps } = lookaheadShape(budget, config.lookahead);
      return `${beams(config, slots)}, each judged ${formatPlural(steps, 'step')} ahead; ${depth}.`;
    }
    case 'dvts': {
      const trees = subtreeSizes(budget, widthFor(config.width, budget)).length;
      return `${formatPlural(trees, 'independent subtree')} that keep one beam each; ${depth}.`;
    }
    case 'revise': {
      const length = Math.min(config.chainLength, budget);
      const chains = Math.ceil(budget / length);
      return `${formatPlural(chains, 'chain')} of ${formatPlural(length, 'attempt')}; each attempt sees the four before it.`;
    }
    case 'auto':
      return 'The strategy is chosen from an estimate of how hard the problem is.';
  }
}

function beams(config: RunConfig, slots: number): string {
  const kept = keptBeams(config.keep, widthFor(config.width, slots), slots);
  return `${formatPlural(slots, 'beam')}, the best ${kept} ${kept === 1 ? 'goes' : 'go'} on after each round`;
}

/** Steps and tokens of a typical solution; one token a character (training/FORMAT.md). */
function solutionSize(problem: PlanProblem): { steps: number; tokens: number } {
  const { family, prompt } = problem;
  if (family === 'countdown') return countdownSize(prompt);
  if (family === 'arithmetic') return arithmeticSize(prompt);
  return equationSize(problem);
}

function countdownSize(prompt: string): { steps: number; tokens: number } {
  const numbers = (prompt.split(':')[1] ?? '').trim().split(/\s+/);
  const digits = numbers.join('').length / numbers.length + 0.4;
  const steps = Math.max(1, numbers.length - 1);
  let tokens = 0;
  for (let left = numbers.length - 1; left >= 1; left--) {
    // a+b=c| then the numbers that are left with spaces between, then the line's end.
    tokens += 3 * digits + 3 + left * (digits + 1);
  }
  return { steps, tokens };
}

function arithmeticSize(prompt: string): { steps: number; tokens: number } {
  const expression = prompt.replace(/^compute /, '');
  const steps = Math.max(1, (expression.match(/[-+*/]/g) ?? []).length);
  const numbers = expression.match(/\d+/g) ?? ['1'];
  const digits = numbers.join('').length / numbers.length + 0.8;
  let tokens = 0;
  for (let i = 1; i <= steps; i++) {
    tokens += 3 * digits + 4 + Math.max(digits, expression.length * (1 - i / (steps + 1)));
  }
  return { steps, tokens };
}

function equationSize({ level, prompt }: PlanProblem): { steps: number; tokens: number } {
  const steps = { 1: 1, 2: 2, 3: 3, 4: 5 }[level ?? ''] ?? 3;
  const length = prompt.replace(/^solve /, '').length;
  let tokens = 0;
  for (let i = 1; i <= steps; i++) tokens += Math.max(5, length * (1 - i / (steps + 1))) + 1;
  return { steps, tokens };
}
