/**
 * Verifier-guided search over steps, the common core of beam search, lookahead and DVTS
 * (algorithms.md, "PRM search"). A group is a set of slots that is searched by itself: beam search
 * is one group of N, DVTS is N/M groups that each keep one beam. All groups of a round go through
 * the policy in one call and through the verifier in another.
 *
 * Slots: every sampled step of a round takes one. A finished beam keeps its slot (a merged one as
 * many as it has copies) and is a candidate from then on; the live beams share the slots that are
 * left, the better-ranked ones get the remainder. So a search over N slots ends with N results.
 */
import { isDeadEnd, type Branch } from '../shared/branch.ts';
import { AppError } from '../shared/errors.ts';
import type { ExtendRequest } from '../shared/policy.ts';
import { childStream } from '../shared/random.ts';
import { MAX_ROUNDS, type RunConfig } from '../shared/run-config.ts';
import { aggregate } from '../verify/aggregate.ts';
import type { Verdict, Verifier } from '../verify/verifier.ts';
import { rollOut } from './rollout.ts';
import type { Arrival, SearchRun } from './search-run.ts';

export interface TreeSearchPlan {
  readonly config: RunConfig;
  readonly root: Branch;
  /** Slots of each group. */
  readonly groups: readonly number[];
  /** How many of a group's `live` slots' beams are kept. At least 1. */
  readonly keeps: (live: number) => number;
  /** Rollout steps k before a step is judged; 0 judges the step itself. */
  readonly lookahead: number;
}

interface Group {
  readonly scope: number;
  /** Slots without a finished beam. */
  live: number;
  /** Kept beams, best first. */
  beams: Branch[];
  arrivals: Arrival[];
}

interface Judged {
  readonly arrival: Arrival;
  /** Scores of the solution's own steps, without those of a rollout. */
  readonly stepScores: readonly number[];
  /** What beams are ranked by. */
  readonly value: number;
}

export async function* treeSearch(run: SearchRun, plan: TreeSearchPlan): AsyncGenerator<void> {
  const verifier = stepVerifierOf(run);
  const slots = plan.groups.reduce((sum, size) => sum + size, 0);
  run.openGenerations(slots * (plan.lookahead + 1));
  let groups = plan.groups.map((live, scope): Group => ({
    scope,
    live,
    beams: [plan.root],
    arrivals: [],
  }));
  for (let round = 1; round <= MAX_ROUNDS && groups.length > 0; round++) {
    const parents = groups.flatMap((group) => group.beams);
    await sampleRound(run, plan, groups, round);
    yield;
    const judged = await judge(run, plan, groups, verifier);
    // Not before: the verifier reads on from where it stopped at the parents.
    run.release(parents.filter((branch) => branch.parent !== null));
    const last = round === MAX_ROUNDS;
    for (const group of groups) settle(run, plan, group, judged, last);
    run.emitLedger();
    yield;
    groups = groups.filter((group) => group.live > 0 && group.beams.length > 0);
  }
}

function stepVerifierOf(run: SearchRun): Verifier {
  const { verifier } = run.context;
  if (verifier?.capabilities.perStep) return verifier;
  throw new AppError('bad-input', 'This strategy needs a verifier that scores every step.', {
    advice: 'Choose a process reward model (PRM), or the strategy best-of-n.',
  });
}

/** One policy call for the whole round; puts each group's new leaves into the tree. */
async function sampleRound(
  run: SearchRun,
  plan: TreeSearchPlan,
  groups: readonly Group[],
  round: number,
): Promise<void> {
  // One entry for each branch, though several groups may start from the same root.
  const takers = new Map<Branch, Group[]>();
  for (const group of groups) {
    group.beams.forEach((beam, rank) => {
      const share = shareOf(group.live, group.beams.length, rank);
      const list = takers.get(beam) ?? [];
      takers.set(beam, list.concat(Array.from({ length: share }, () => group)));
    });
  }
  const requests = [...takers].map(([branch, list]): ExtendRequest => ({
    branch,
    streams: list.map((_, index) => childStream(branch.stream, index)),
    temperature: plan.config.temperature,
    until: 'step',
    maxTokens: run.limits.step,
  }));
  const requested = requests.reduce((sum, request) => sum + request.streams.length, 0);
  run.emit({ type: 'round', round, beams: requests.length, requested });
  const extensions = await run.extend(requests);
  const owners = [...takers.values()].flat();
  const leaves = extensions.flat();
  for (const group of groups) {
    const own = leaves.filter((_, index) => owners[index] === group);
    group.arrivals = run.addLeaves(own, { role: 'step', scope: group.scope });
  }
  run.emitLedger();
}

/** Slots for the beam of this rank when `live` slots are dealt out to `beams`, best first. */
function shareOf(live: number, beams: number, rank: number): number {
  return Math.floor(live / beams) + (rank < live % beams ? 1 : 0);
}

/** One verifier call for all new steps (after their rollouts, if any). A step cut by the token
 * limit has no end to read a score at, one that goes round in circles is not worth one. */
async function judge(
  run: SearchRun,
  plan: TreeSearchPlan,
  groups: readonly Group[],
  verifier: Verifier,
): Promise<Map<Arrival, Judged>> {
  const arrivals = groups
    .flatMap((group) => group.arrivals)
    .filter(({ node }) => !isDeadEnd(node.branch));
  const steps = arrivals.map(({ node }) => node.branch);
  const rollouts = plan.lookahead > 0 ? await rollOut(run, steps, plan.lookahead) : null;
  const verdicts = await run.score(rollouts?.ends ?? steps, verifier);
  rollouts?.finish(verdicts);
  const how = run.aggregation();
  return new Map(
    arrivals.map((arrival, i): [Arrival, Judged] => {
      const { stepScores } = verdicts[i];
      run.setScore(arrival.node, stepScores[stepScores.length - 1]);
      const value = aggregate(stepScores, how) ?? 0;
      return [arrival, { arrival, value, stepScores: ownScores(arrival, verdicts[i]) }];
    }),
  );
}

function ownScores(arrival: Arrival, verdict: Verdict): readonly number[] {
  return verdict.stepScores.slice(0, arrival.node.branch.depth);
}

/** Finished beams become candidates, the rest is ranked and pruned. */
function settle(
  run: SearchRun,
  plan: TreeSearchPlan,
  group: Group,
  judged: ReadonlyMap<Arrival, Judged>,
  last: boolean,
): void {
  const open: Judged[] = [];
  for (const arrival of group.arrivals) {
    const judgement = judged.get(arrival);
    if (judgement !== undefined && arrival.node.branch.end === 'step' && !last) {
      open.push(judgement);
      continue;
    }
    group.live -= arrival.copies;
    run.addCandidate(arrival, judgement?.stepScores ?? []);
    run.release([arrival.node.branch]);
  }
  // Stable: equal values keep the order in which they were sampled.
  open.sort((a, b) => b.value - a.value);
  const keeps = Math.max(1, plan.keeps(group.live));
  open.forEach(({ arrival, value }, at) => {
    const kept = at < keeps;
    const { id } = arrival.node;
    run.emit({ type: 'rank', id, rank: at + 1, of: open.length, keeps, kept, value });
    if (!kept) run.release([arrival.node.branch]);
  });
  group.beams = open.slice(0, keeps).map(({ arrival }) => arrival.node.branch);
}
