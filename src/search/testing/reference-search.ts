/**
 * The searches again, slow and obvious, for comparison in tests: one beam at a time, ranks by
 * counting, plain text paths. Written from algorithms.md, not from the product code.
 */
import { rootBranch, stepTexts, type Branch } from '../../shared/branch.ts';
import { childStream, rootStream, type Stream } from '../../shared/random.ts';
import type { Aggregation, Selection } from '../../shared/run-config.ts';
import { scriptedGrade } from './scripted-context.ts';
import { scoresOf, scriptedStep, type PolicyScript } from './scripted-policy.ts';

export interface ReferenceResult {
  readonly path: string;
  readonly copies: number;
  readonly stepScores: readonly number[];
  readonly answer: string | null;
  readonly chain?: number;
}

export interface ReferencePlan {
  readonly script: PolicyScript;
  readonly levels: number;
  readonly prompt: string;
  readonly seed: number;
  readonly temperature: number;
  readonly merge: boolean;
  readonly aggregation: Aggregation;
  /** Slots of each group, beams kept of so many live slots, rollout steps. */
  readonly groups: readonly number[];
  readonly keeps: (live: number) => number;
  readonly lookahead: number;
  /** Where the draws begin, if not at the run's own root. */
  readonly rootStream?: Stream;
}

interface Beam {
  readonly branch: Branch;
  copies: number;
}

function pathText(branch: Branch): string {
  return stepTexts(branch).join('/');
}

function reduceScores(scores: readonly number[], how: Aggregation): number {
  if (how === 'last') return scores[scores.length - 1];
  if (how === 'min') return [...scores].sort((a, b) => a - b)[0];
  let sum = 0;
  let product = 1;
  for (const score of scores) {
    sum += score;
    product *= score;
  }
  return how === 'mean' ? sum / scores.length : product;
}

function rootOf(plan: ReferencePlan): Branch {
  return rootBranch(plan.prompt, plan.rootStream ?? rootStream(plan.seed, plan.prompt));
}

export function referenceTreeSearch(plan: ReferencePlan): {
  kept: string[];
  results: ReferenceResult[];
} {
  const kept: string[] = [];
  const results: ReferenceResult[] = [];
  const root = rootOf(plan);
  let state = plan.groups.map((slots, at) => ({
    slots,
    beams: [{ branch: root, copies: 1 }] as Beam[],
    offset: plan.groups.slice(0, at).reduce((sum, size) => sum + size, 0),
  }));
  for (let round = 1; round <= 40; round++) {
    for (const group of state) {
      const open: Beam[] = [];
      const sampled = sampleGroup(plan, group.beams, group.slots, round === 1 ? group.offset : 0);
      for (const beam of sampled) {
        if (beam.branch.end === 'step' && round < 40) open.push(beam);
        else {
          group.slots -= beam.copies;
          results.push(resultOf(plan, beam));
        }
      }
      const keeps = Math.max(1, plan.keeps(group.slots));
      const values = open.map((beam) => valueOf(plan, beam.branch));
      const next: { rank: number; beam: Beam }[] = [];
      open.forEach((beam, i) => {
        let rank = 0;
        values.forEach((value, j) => {
          if (value > values[i] || (value === values[i] && j < i)) rank++;
        });
        if (rank < keeps) next.push({ rank, beam });
      });
      next.sort((a, b) => a.rank - b.rank);
      group.beams = next.map(({ beam }) => beam);
      kept.push(...group.beams.map((beam) => pathText(beam.branch)));
    }
    state = state.filter((group) => group.beams.length > 0);
  }
  return { kept: kept.sort(), results };
}

function sampleGroup(
  plan: ReferencePlan,
  beams: readonly Beam[],
  slots: number,
  offset: number,
): Beam[] {
  const sampled: Beam[] = [];
  beams.forEach(({ branch: parent }, rank) => {
    // Deal the slots out like cards.
    let share = 0;
    for (let card = 0; card < slots; card++) if (card % beams.length === rank) share++;
    for (let i = 0; i < share; i++) {
      const stream = childStream(parent.stream, offset + i);
      const branch = scriptedStep(plan.script, parent, stream, plan.temperature);
      const twin = sampled.find(
        (other) =>
          other.branch.parent === parent &&
          other.branch.text === branch.text &&
          other.branch.end === branch.end,
      );
      if (plan.merge && twin !== undefined) twin.copies++;
      else sampled.push({ branch, copies: 1 });
    }
  });
  return sampled;
}

function valueOf(plan: ReferencePlan, branch: Branch): number {
  let end = branch;
  for (let i = 0; i < plan.lookahead && end.end === 'step'; i++) {
    const next = scriptedStep(plan.script, end, end.stream, 0);
    if (next.end === 'length') break;
    end = next;
  }
  return reduceScores(scoresOf(stepTexts(end), plan.levels), plan.aggregation);
}

function resultOf(plan: ReferencePlan, beam: Beam): ReferenceResult {
  const steps = stepTexts(beam.branch);
  const grade = scriptedGrade(steps);
  return {
    path: steps.join('/'),
    copies: beam.copies,
    stepScores: beam.branch.end === 'length' ? [] : scoresOf(steps, plan.levels),
    answer: beam.branch.end === 'solution' && grade.finished ? grade.answer : null,
  };
}

/** Best-of-n, sample by sample, nothing merged. */
export function referenceBestOfN(plan: ReferencePlan, budget: number): ReferenceResult[] {
  const root = rootOf(plan);
  return Array.from({ length: budget }, (_, i) => {
    const stream: Stream = childStream(root.stream, i);
    let branch: Branch = root;
    while (branch.end === 'step') {
      branch = scriptedStep(plan.script, branch, stream, plan.temperature);
    }
    const result = resultOf(plan, { branch, copies: 1 });
    return branch.end === 'solution' ? result : { ...result, stepScores: [] };
  });
}

/** Revision chains, one attempt after the other, chain by chain. `saw`: attempts that were shown. */
export function referenceRevisions(
  plan: ReferencePlan,
  budget: number,
  chainLength: number,
): (ReferenceResult & { attempt: number; saw: number[]; prompt: string })[] {
  const results = [];
  const root = rootOf(plan);
  for (let chain = 0, left = budget; left > 0; chain++) {
    const complete: { attempt: number; text: string }[] = [];
    const length = Math.min(chainLength, left);
    for (let attempt = 0; attempt < length; attempt++, left--) {
      const shown = complete.slice(-4);
      const prompt = [`${plan.prompt}\n`, ...shown.map(({ text }) => text), ''].join('<attempt>');
      const stream = childStream(childStream(root.stream, chain), attempt);
      let branch: Branch = rootBranch(prompt, stream);
      while (branch.end === 'step') {
        branch = scriptedStep(plan.script, branch, stream, plan.temperature);
      }
      const steps = stepTexts(branch);
      const whole = branch.end === 'solution';
      // An outcome verifier has one score, at the end.
      const stepScores = whole ? scoresOf(steps, plan.levels).slice(-1) : [];
      const result = resultOf(plan, { branch, copies: 1 });
      results.push({
        ...result,
        stepScores,
        chain,
        attempt,
        saw: shown.map((one) => one.attempt),
        prompt,
      });
      if (whole) complete.push({ attempt, text: steps.join('\n') });
    }
  }
  return results;
}

/** First inside each chain, then among the chains' winners with their own scores; a plain vote pools
 * all attempts. */
export function referenceChainAnswer(
  results: readonly ReferenceResult[],
  selection: Selection,
): string | null {
  const blind = results.every((result) => result.stepScores.length === 0);
  if (selection === 'majority' || blind) return referenceAnswer(results, 'majority', 'last');
  const winners: ReferenceResult[] = [];
  for (const chain of new Set(results.map((result) => result.chain))) {
    const own = results.filter((result) => result.chain === chain);
    // Beside scored attempts an unscored one counts nothing.
    const scored = own.map((one) => ({
      ...one,
      stepScores: one.stepScores.length > 0 ? one.stepScores : [0],
    }));
    const answer = referenceAnswer(scored, selection, 'last');
    const carriers = scored.filter((one) => one.answer !== null && one.answer === answer);
    carriers.sort((a, b) => b.stepScores[0] - a.stepScores[0]);
    if (carriers.length > 0) winners.push(carriers[0]);
  }
  return referenceAnswer(winners, selection, 'last');
}

/** The chosen answer, by writing every copy out and adding up. */
export function referenceAnswer(
  results: readonly ReferenceResult[],
  selection: Selection,
  aggregation: Aggregation,
): string | null {
  const ballots = results.flatMap((result) =>
    Array.from({ length: result.copies }, () => ({
      answer: result.answer,
      score: result.stepScores.length === 0 ? 0 : reduceScores(result.stepScores, aggregation),
    })),
  );
  const blind = results.every((result) => result.stepScores.length === 0);
  let best: { answer: string; weight: number } | null = null;
  for (const { answer } of ballots) {
    if (answer === null) continue;
    const own = ballots.filter((ballot) => ballot.answer === answer);
    const weight =
      selection === 'majority' || blind
        ? own.length
        : selection === 'best'
          ? Math.max(...own.map((ballot) => ballot.score))
          : own.reduce((sum, ballot) => sum + ballot.score, 0);
    if (best === null || weight > best.weight + 1e-9) best = { answer, weight };
  }
  return best?.answer ?? null;
}
