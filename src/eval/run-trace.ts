/**
 * What every sample and every verdict of a run cost. A selection that needs no verifier need not pay
 * for one, and a smaller run can be read out of a larger one with the ledger it would have had.
 */
import { pathOf, type Branch } from '../shared/branch.ts';
import { scaleKnown } from '../shared/known-costs.ts';
import { addUsage, NO_USAGE, type Extension, type Policy, type Usage } from '../shared/policy.ts';
import type { Verifier } from '../verify/verifier.ts';

/** One request of a policy call. */
export interface TracedExtension {
  readonly from: Branch;
  readonly leaves: readonly Branch[];
  /** By leaf, and what was read for all of them. */
  readonly leafUsage: readonly Usage[];
  readonly shared: Usage;
  /** A round is policy calls followed by verifier calls. */
  readonly round: number;
}

export interface TracedVerdict {
  readonly branch: Branch;
  readonly usage: Usage;
  readonly round: number;
}

export class RunTrace {
  readonly extensions: TracedExtension[] = [];
  readonly verdicts: TracedVerdict[] = [];
  policyMs = 0;
  verifierMs = 0;
  private round = 0;
  private scoring = false;

  /** `clock` in milliseconds. */
  constructor(private readonly clock: () => number) {}

  policy(policy: Policy): Policy {
    return {
      capabilities: policy.capabilities,
      extend: async (requests, signal) => {
        if (this.scoring) this.round++;
        this.scoring = false;
        const startedAt = this.clock();
        const extensions = await policy.extend(requests, signal);
        this.policyMs += this.clock() - startedAt;
        extensions.forEach((extension, i) => {
          const { branch: from } = requests[i];
          const split = splitUsage(from, extension);
          this.extensions.push({ from, leaves: extension.leaves, ...split, round: this.round });
        });
        return extensions;
      },
      release: (branches) => policy.release(branches),
    };
  }

  verifier(verifier: Verifier): Verifier {
    return {
      capabilities: verifier.capabilities,
      score: async (branches, signal) => {
        this.scoring = true;
        const startedAt = this.clock();
        const verdicts = await verifier.score(branches, signal);
        this.verifierMs += this.clock() - startedAt;
        verdicts.forEach(({ usage }, i) => {
          this.verdicts.push({ branch: branches[i], usage, round: this.round });
        });
        return verdicts;
      },
      release: (branches) => verifier.release(branches),
    };
  }

  verifierUsage(): Usage {
    return this.verdicts.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE);
  }
}

/** Exact where the backend says what each leaf cost, else in proportion to the sampled tokens. */
function splitUsage(
  from: Branch,
  { leaves, usage, leafUsage }: Extension,
): Pick<TracedExtension, 'leafUsage' | 'shared'> {
  if (leafUsage !== undefined) {
    const own = leafUsage.reduce(addUsage, NO_USAGE);
    return { leafUsage, shared: subtract(usage, own) };
  }
  const tokens = leaves.map((leaf) => sampledSince(from, leaf));
  const total = tokens.reduce((sum, count) => sum + count, 0);
  return {
    shared: { ...NO_USAGE, prefillTokens: usage.prefillTokens },
    leafUsage: tokens.map((count) => {
      const share = total === 0 ? 1 / leaves.length : count / total;
      return {
        prefillTokens: 0,
        sampledTokens: usage.sampledTokens * share,
        flopsExecuted: usage.flopsExecuted * share,
        flopsNominal: usage.flopsNominal * share,
        ...scaleKnown(usage, share),
      };
    }),
  };
}

function sampledSince(from: Branch, leaf: Branch): number {
  return pathOf(leaf)
    .slice(from.depth)
    .reduce((sum, step) => sum + step.tokenCount, 0);
}

function subtract(a: Usage, b: Usage): Usage {
  return {
    prefillTokens: a.prefillTokens - b.prefillTokens,
    sampledTokens: a.sampledTokens - b.sampledTokens,
    flopsExecuted: a.flopsExecuted - b.flopsExecuted,
    flopsNominal: a.flopsNominal - b.flopsNominal,
  };
}
