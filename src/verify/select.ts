/**
 * One answer from many scored solutions (algorithms.md, "Selecting one answer"). Pure. Answers that
 * did not parse (null) never take part; every tie goes to the first seen.
 */
import type { Selection } from '../shared/run-config.ts';

export interface ScoredSolution {
  /** Canonical answer, null when it does not parse. */
  readonly answer: string | null;
  readonly answerText: string | null;
  /** Aggregated score; null when no verifier has seen the solution. */
  readonly score: number | null;
  /** Identical solutions merged into this one; each counts as a solution of its own. */
  readonly copies: number;
  /** Revision chain; set on all solutions of a run or on none. */
  readonly chain?: number | undefined;
}

export interface Vote {
  readonly answer: string;
  readonly answerText: string;
  /** What the rule compares: a sum of scores, a highest score or a number of solutions. */
  readonly weight: number;
  readonly count: number;
}

export interface Choice {
  /** The rule that was applied: a plain count where nothing has a score. */
  readonly rule: Selection;
  /** Index of the solution that stands for the chosen answer; null when nothing parsed. */
  readonly candidate: number | null;
  /** All answers, heaviest first, ties by first appearance. */
  readonly votes: readonly Vote[];
}

interface Indexed extends ScoredSolution {
  readonly index: number;
}

interface Group {
  readonly answer: string;
  readonly members: readonly Indexed[];
  readonly weight: number;
  readonly count: number;
}

/**
 * Flat for `majority` and wherever there are no chains; otherwise hierarchical as for revisions
 * (Snell et al., section 6.1): first inside each chain, then among the chains' winners. The votes
 * are always those of the flat pool, so that every answer is accounted for.
 */
export function selectAnswer(solutions: readonly ScoredSolution[], selection: Selection): Choice {
  const scored = solutions.some((solution) => solution.score !== null);
  // Without any score all rules that need one become a count of solutions.
  const rule = scored ? selection : 'majority';
  const pool = solutions.map((solution, index): Indexed => ({ ...solution, index }));
  const groups = rankGroups(pool, rule);
  const votes = groups.map((group): Vote => ({
    answer: group.answer,
    answerText: group.members[0].answerText ?? group.answer,
    weight: group.weight,
    count: group.count,
  }));
  const chained = rule !== 'majority' && pool.some((solution) => solution.chain !== undefined);
  const finalists = chained ? chainWinners(pool, rule) : pool;
  return { rule, candidate: winnerOf(finalists, rule)?.index ?? null, votes };
}

function chainWinners(pool: readonly Indexed[], rule: Selection): Indexed[] {
  const chains = new Map<number | undefined, Indexed[]>();
  for (const solution of pool) {
    const chain = chains.get(solution.chain);
    if (chain === undefined) chains.set(solution.chain, [solution]);
    else chain.push(solution);
  }
  const winners = [...chains.values()].map((chain) => winnerOf(chain, rule));
  // A winner enters the final with its own score, not with its chain's sum: chains count alike.
  return winners.filter((winner) => winner !== null).map((winner) => ({ ...winner, copies: 1 }));
}

/** The best-scored solution that carries the heaviest answer. */
function winnerOf(pool: readonly Indexed[], rule: Selection): Indexed | null {
  const groups = rankGroups(pool, rule);
  if (groups.length === 0) return null;
  return groups[0].members.reduce((best, next) => (scoreOf(next) > scoreOf(best) ? next : best));
}

function rankGroups(pool: readonly Indexed[], rule: Selection): Group[] {
  const byAnswer = new Map<string, Indexed[]>();
  for (const solution of pool) {
    if (solution.answer === null) continue;
    const members = byAnswer.get(solution.answer);
    if (members === undefined) byAnswer.set(solution.answer, [solution]);
    else members.push(solution);
  }
  return [...byAnswer]
    .map(([answer, members]): Group => {
      const count = members.reduce((sum, member) => sum + member.copies, 0);
      return { answer, members, count, weight: weightOf(members, count, rule) };
    })
    .sort((a, b) => rounded(b.weight) - rounded(a.weight)); // stable: ties go to the first seen
}

/** Equal sums must tie whatever the order of their terms, so the last bits do not count. */
function rounded(weight: number): number {
  return Number(weight.toPrecision(12));
}

function weightOf(members: readonly Indexed[], count: number, rule: Selection): number {
  switch (rule) {
    case 'majority':
      return count;
    case 'best':
      return Math.max(...members.map(scoreOf));
    case 'weighted':
      return members.reduce((sum, member) => sum + scoreOf(member) * member.copies, 0);
  }
}

/** Unscored solutions beside scored ones (a run that was stopped) carry no weight. */
function scoreOf(solution: ScoredSolution): number {
  return solution.score ?? 0;
}
