/**
 * A run with a smaller budget, read out of a larger one of the same seed (algorithms.md,
 * "Statistics"). Only where the larger run begins with exactly what the smaller one would have done,
 * so that answers and ledger are those of a run of its own:
 * - best-of-n: sample i depends on the seed and i alone, so N samples are the first N;
 * - DVTS in whole subtrees, which never look at each other;
 * - revision chains of a fixed length, which do not either.
 * Beam search and lookahead are different searches at each N and must be rerun. Pure.
 */
import { pathOf, type Branch } from '../shared/branch.ts';
import type { Ledger } from '../shared/ledger.ts';
import { addKnown } from '../shared/known-costs.ts';
import { addUsage, NO_USAGE, type Usage } from '../shared/policy.ts';
import type { RunConfig } from '../shared/run-config.ts';
import { pathTo, type RunView } from '../shared/run-view.ts';
import { chainLengths } from '../search/revise.ts';
import { subtreeSizes, widthFor } from '../search/widths.ts';
import type { RunTrace } from './run-trace.ts';

type Candidate = RunView['candidates'][number];

/** Whether a run with this config contains the run of every smaller budget that also says so. */
export function nests({ strategy, width }: RunConfig, budget: number): boolean {
  if (strategy === 'dvts') return width > 0 && budget % width === 0;
  return strategy === 'best-of-n' || strategy === 'revise';
}

export interface SmallerRun {
  readonly view: RunView;
  /** What the verifiers cost in it. */
  readonly verifier: Usage & { readonly elapsedMs: number };
}

/** `view` and `trace` of a finished run; both budgets must nest (see `nests`). */
export function smallerRun(view: RunView, trace: RunTrace, budget: number): SmallerRun {
  const config = view.start?.config;
  if (config === undefined) throw new Error('invariant: a finished run has a start');
  const parts = partsOf(config, trace);
  const inside = (part: number | undefined) => part !== undefined && isInside(config, budget, part);
  const policy = policyUsage(trace, parts, inside);
  const verifier = verifierUsage(config, trace, parts, inside);
  const verifierMs = shareOf(verifier, trace.verifierUsage()) * trace.verifierMs;
  const all = policyUsage(trace, parts, () => true);
  const ledger: Ledger = {
    generations: budget,
    policyTokens: policy.sampledTokens,
    prefillTokens: policy.prefillTokens,
    verifierTokens: verifier.prefillTokens + verifier.sampledTokens,
    flopsExecuted: policy.flopsExecuted + verifier.flopsExecuted,
    flopsNominal: policy.flopsNominal + verifier.flopsNominal,
    elapsedMs: shareOf(policy, all) * trace.policyMs + verifierMs,
    ...addKnown(policy, verifier),
  };
  const chosen = candidatesOf(view, config, parts, inside);
  const candidates = chosen.map((candidate, index) => ({ ...candidate, index }));
  return {
    view: { ...view, candidates, ledger },
    verifier: { ...verifier, elapsedMs: verifierMs },
  };
}

/** Independent parts of a run by number, in the order in which a larger budget adds them: samples,
 * subtrees, or attempts of chains (`attempt + chain * chainLength`). */
interface Parts {
  readonly byLeaf: ReadonlyMap<Branch, number>;
  /** Best-of-n: all samples in order. */
  readonly leaves: readonly Branch[];
}

function partsOf(config: RunConfig, trace: RunTrace): Parts {
  const byLeaf = new Map<Branch, number>();
  const leaves: Branch[] = [];
  const first = firstParts(config);
  for (const extension of trace.extensions) {
    for (const leaf of extension.leaves) {
      byLeaf.set(leaf, byLeaf.get(extension.from) ?? first(leaves.length));
      leaves.push(leaf);
    }
  }
  return { byLeaf, leaves };
}

/** The part of the leaf that is sampled as number `at` from a root. */
function firstParts(config: RunConfig): (at: number) => number {
  if (config.strategy === 'dvts') {
    const sizes = subtreeSizes(config.budget, widthFor(config.width, config.budget));
    const groups = sizes.flatMap((size, group) => Array.from({ length: size }, () => group));
    return (at) => groups[at];
  }
  if (config.strategy === 'revise') {
    const lengths = chainLengths(config.budget, config.chainLength);
    const order = Array.from({ length: lengths[0] }, (_, attempt) =>
      lengths.flatMap((length, chain) =>
        length > attempt ? [chain * config.chainLength + attempt] : [],
      ),
    ).flat();
    return (at) => order[at];
  }
  return (at) => at;
}

function isInside(config: RunConfig, budget: number, part: number): boolean {
  if (config.strategy === 'dvts') return part < budget / config.width;
  // Samples and attempts both count one generation each, chain after chain.
  return part < budget;
}

function policyUsage(trace: RunTrace, { byLeaf }: Parts, inside: Inside): Usage {
  let sum = NO_USAGE;
  for (const { leaves, leafUsage, shared } of trace.extensions) {
    const own = leafUsage.filter((_, i) => inside(byLeaf.get(leaves[i])));
    if (own.length > 0) sum = own.reduce(addUsage, addUsage(sum, shared));
  }
  return sum;
}

type Inside = (part: number | undefined) => boolean;

/** A verdict belongs to the first sample of its round that says the same: duplicates are merged. */
function verifierUsage(config: RunConfig, trace: RunTrace, parts: Parts, inside: Inside): Usage {
  const firstOfRound = new Map<string, number>();
  if (config.strategy === 'best-of-n' && config.mergeDuplicates) {
    for (const { leaves, round } of trace.extensions) {
      for (const leaf of leaves) {
        const key = `${round} ${keyOf(leaf)}`;
        if (!firstOfRound.has(key)) firstOfRound.set(key, parts.byLeaf.get(leaf) ?? 0);
      }
    }
  }
  return trace.verdicts
    .filter(({ branch, round }) =>
      inside(firstOfRound.get(`${round} ${keyOf(branch)}`) ?? parts.byLeaf.get(branch)),
    )
    .reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE);
}

function keyOf(leaf: Branch): string {
  return JSON.stringify(pathOf(leaf).map(({ text, end }) => [text, end]));
}

function candidatesOf(
  view: RunView,
  config: RunConfig,
  parts: Parts,
  inside: Inside,
): readonly Candidate[] {
  switch (config.strategy) {
    case 'revise':
      return view.candidates.filter(({ chain = 0, attempt = 0 }) =>
        inside(chain * config.chainLength + attempt),
      );
    case 'dvts': {
      const byStream = new Map([...parts.byLeaf].map(([leaf, part]) => [`${leaf.stream}`, part]));
      return view.candidates.filter(({ id }) => inside(byStream.get(`${view.nodes[id].stream}`)));
    }
    default:
      return sampledCandidates(view, parts, inside);
  }
}

/** One candidate for each sample: which of the merged ones came late is not in the log. */
function sampledCandidates(view: RunView, { leaves }: Parts, inside: Inside): Candidate[] {
  const byKey = new Map<string, Candidate>();
  for (const candidate of view.candidates) {
    const path = pathTo(view, candidate.id).map((id) => view.nodes[id]);
    const key = JSON.stringify(path.map(({ text, end }) => [text, end]));
    if (!byKey.has(key)) byKey.set(key, candidate);
  }
  return leaves.flatMap((leaf, at) => {
    const candidate = inside(at) ? byKey.get(keyOf(leaf)) : undefined;
    return candidate === undefined ? [] : [{ ...candidate, copies: 1 }];
  });
}

/** Device time is shared by tokens. */
function shareOf(part: Usage, whole: Usage): number {
  const tokens = (usage: Usage) => usage.prefillTokens + usage.sampledTokens;
  return tokens(whole) === 0 ? 0 : tokens(part) / tokens(whole);
}
