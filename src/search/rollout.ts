/**
 * Lookahead rollouts: up to k more steps at temperature 0, read by the verifier at their end and
 * then thrown away (Snell et al. 2024, section 5.2).
 */
import type { Branch } from '../shared/branch.ts';
import { childStream } from '../shared/random.ts';
import type { Verdict } from '../verify/verifier.ts';
import type { Arrival, SearchRun } from './search-run.ts';

// Apart from the indices of sampled children, which are small.
const ROLLOUT_CHILD = 0x10000000;

export interface Rollouts {
  /** Where to read the verifier for each step: the end of its rollout, or the step itself. */
  readonly ends: readonly Branch[];
  /** Gives the ghosts their scores and lets go of them. */
  finish(verdicts: readonly Verdict[]): void;
}

/** Rolls out every step that is not the end of a solution, in one policy call. */
export async function rollOut(
  run: SearchRun,
  steps: readonly Branch[],
  maxSteps: number,
): Promise<Rollouts> {
  const open = steps.filter((step) => step.end === 'step');
  const extensions = await run.extend(
    open.map((branch) => ({
      branch,
      streams: [childStream(branch.stream, ROLLOUT_CHILD)],
      temperature: 0,
      until: 'solution',
      maxTokens: run.limits.solution,
      maxSteps,
    })),
  );
  const ghosts = new Map<Branch, Arrival>();
  const ends = new Map<Branch, Branch>();
  open.forEach((step, i) => {
    const [leaf] = extensions[i];
    ghosts.set(step, run.addLeaves([leaf], { role: 'rollout' })[0]);
    ends.set(step, readableEnd(leaf));
  });
  run.emitLedger();
  return {
    ends: steps.map((step) => ends.get(step) ?? step),
    finish(verdicts) {
      steps.forEach((step, i) => {
        const ghost = ghosts.get(step);
        if (ghost === undefined) return;
        scoreGhost(run, ghost, step.depth, verdicts[i]);
        run.release(ghostBranches(ghost, step));
      });
    },
  };
}

/** A step cut by the token limit has no terminator to read a score at. */
function readableEnd(leaf: Branch): Branch {
  return leaf.end === 'length' && leaf.parent !== null ? leaf.parent : leaf;
}

function scoreGhost(run: SearchRun, ghost: Arrival, depth: number, verdict: Verdict): void {
  const path: Arrival['node'][] = [];
  for (let at: Arrival['node'] | null = ghost.node; at !== null; at = at.parent) {
    if (at.branch.depth <= depth) break;
    path.push(at);
  }
  for (const node of path.reverse()) {
    const score = verdict.stepScores[node.branch.depth - 1];
    if (score !== undefined) run.setScore(node, score);
  }
}

function ghostBranches(ghost: Arrival, step: Branch): Branch[] {
  const branches: Branch[] = [];
  for (let at: Branch | null = ghost.node.branch; at !== null && at !== step; at = at.parent) {
    branches.push(at);
  }
  return branches;
}
