/**
 * Test doubles with known behaviour: what they write and how they score is a pure function of the
 * stream or the text, from small alphabets, so that duplicates and ties are common.
 */
import { stepTexts, type Branch, type StepEnd } from '../../shared/branch.ts';
import { AppError, invariant, throwIfAborted } from '../../shared/errors.ts';
import type { ExtendRequest, Extension, Policy } from '../../shared/policy.ts';
import { hashText, type Stream } from '../../shared/random.ts';
import type { Aggregation } from '../../shared/run-config.ts';
import type { Verdict, Verifier } from '../../verify/verifier.ts';

export interface PolicyScript {
  /** Distinct texts of a step. */
  readonly letters: number;
  /** Steps of the longest solution. */
  readonly maxDepth: number;
  /** One in so many steps ends the solution early; 0 never. */
  readonly earlyEnd: number;
  /** One in so many steps is cut by the token limit; 0 never. */
  readonly cut: number;
  /** Throws `out-of-slots` for more continuations at once; 0 never. */
  readonly slots: number;
}

export const PLAIN_SCRIPT: PolicyScript = {
  letters: 3,
  maxDepth: 4,
  earlyEnd: 5,
  cut: 0,
  slots: 0,
};

function pick(stream: Stream, salt: string, among: number): number {
  return hashText(`${stream[0]} ${stream[1]} ${salt}`) % among;
}

/** The step a scripted policy writes after `parent` from this stream. */
export function scriptedStep(
  script: PolicyScript,
  parent: Branch,
  stream: Stream,
  temperature: number,
): Branch {
  const depth = parent.depth + 1;
  const key: Stream = temperature === 0 ? [hashText(stepTexts(parent).join('/')), 0] : stream;
  const letter = pick(key, `letter ${depth}`, script.letters);
  const early = script.earlyEnd > 0 && pick(key, `end ${depth}`, script.earlyEnd) === 0;
  const cut = script.cut > 0 && pick(key, `cut ${depth}`, script.cut) === 0;
  const end: StepEnd = cut ? 'length' : early || depth >= script.maxDepth ? 'solution' : 'step';
  return {
    parent,
    prompt: parent.prompt,
    text: String.fromCharCode(97 + letter),
    tokens: [48 + letter, 8],
    tokenCount: 2,
    logProb: -1 - letter / 8,
    end,
    depth,
    stream,
  };
}

export class ScriptedPolicy implements Policy {
  readonly capabilities = { label: 'scripted', forks: true, batches: true, reproducible: true };
  readonly calls: (readonly ExtendRequest[])[] = [];
  readonly live = new Set<Branch>();

  constructor(
    private readonly script: PolicyScript = PLAIN_SCRIPT,
    /** Called before each batch; may throw or abort. */
    private readonly before: (call: number) => void = () => {},
  ) {}

  async extend(requests: readonly ExtendRequest[], signal?: AbortSignal): Promise<Extension[]> {
    const width = requests.reduce((sum, request) => sum + request.streams.length, 0);
    if (this.script.slots > 0 && width > this.script.slots) {
      throw new AppError('out-of-slots', 'too many', { advice: 'split' });
    }
    this.calls.push(requests);
    this.before(this.calls.length);
    await Promise.resolve();
    throwIfAborted(signal);
    return requests.map((request) => this.answer(request));
  }

  release(branches: Iterable<Branch>): void {
    for (const branch of branches) this.live.delete(branch);
  }

  private answer(request: ExtendRequest): Extension {
    invariant(request.branch.end === 'step', 'only open branches are extended');
    let sampled = 0;
    const leaves = request.streams.map((stream) => {
      let at = request.branch;
      const most = request.until === 'step' ? 1 : (request.maxSteps ?? Infinity);
      for (let steps = 0; steps < most && at.end === 'step'; steps++) {
        at = scriptedStep(this.script, at, stream, request.temperature);
        sampled += at.tokenCount;
      }
      this.live.add(at);
      return at;
    });
    const nominal = sampled + request.streams.length * request.branch.depth * 2;
    return {
      leaves,
      usage: {
        prefillTokens: request.branch.depth === 0 ? request.branch.prompt.length : 0,
        sampledTokens: sampled,
        flopsExecuted: sampled * 10,
        flopsNominal: nominal * 10,
      },
    };
  }
}

/** A score of a text, one of few levels so that ties happen. */
function scriptedScore(prefix: string, levels: number): number {
  return (hashText(`score ${prefix}`) % levels) / levels;
}

export class ScriptedVerifier implements Verifier {
  readonly capabilities;
  readonly calls: (readonly Branch[])[] = [];
  readonly live = new Set<Branch>();

  constructor(
    private readonly levels = 5,
    options: { perStep?: boolean; aggregation?: Aggregation } = {},
    private readonly before: (call: number) => void = () => {},
  ) {
    this.capabilities = {
      label: 'scripted verifier',
      perStep: options.perStep ?? true,
      aggregation: options.aggregation ?? ('last' as const),
    };
  }

  async score(branches: readonly Branch[], signal?: AbortSignal): Promise<Verdict[]> {
    this.calls.push(branches);
    this.before(this.calls.length);
    await Promise.resolve();
    throwIfAborted(signal);
    return branches.map((branch) => {
      invariant(branch.end !== 'length', 'a cut step has no end to score');
      this.live.add(branch);
      const scores = scoresOf(stepTexts(branch), this.levels);
      const tokens = branch.tokenCount;
      return {
        stepScores: this.capabilities.perStep ? scores : scores.slice(-1),
        usage: { prefillTokens: tokens, sampledTokens: 0, flopsExecuted: tokens, flopsNominal: 0 },
      };
    });
  }

  release(branches: Iterable<Branch>): void {
    for (const branch of branches) this.live.delete(branch);
  }
}

/** The score of every prefix. */
export function scoresOf(steps: readonly string[], levels: number): number[] {
  return steps.map((_, i) => scriptedScore(steps.slice(0, i + 1).join('/'), levels));
}
