/**
 * A `Policy` over any backend that completes text. Every request is the whole prefix again: nothing
 * is cached here, so there is nothing to release. Costs are honest about that: nominal FLOPs charge
 * each sample its whole prefix, executed FLOPs leave out what the backend read from its own cache.
 *
 * A completion that fails after the backend's retries becomes a lost branch (`Branch.lost`); only
 * when every completion of a call fails does the call throw.
 */
import { cutStep, stepTexts, type Branch } from '../../shared/branch.ts';
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import type {
  ExtendRequest,
  Extension,
  Policy,
  PolicyCapabilities,
  Usage,
} from '../../shared/policy.ts';
import type { Stream } from '../../shared/random.ts';
import { parseRevisionPrompt } from '../../shared/revision-prompt.ts';
import { addKnown } from '../../shared/known-costs.ts';
import { hashedSeed, type Completer, type Completion } from './completer.ts';
import { readSteps, solutionPrefix, stopStrings } from './steps.ts';
import type { PromptTemplate } from './templates.ts';

/** Of a token, at least, in texts full of numbers. Who has only the text must guess. */
const CHARACTERS = 2.5;

/** The same policy writes revisions: a revision prompt is recognised and rendered as one. */
export class TextPolicy implements Policy {
  readonly capabilities: PolicyCapabilities;

  constructor(
    private readonly completer: Completer,
    private readonly template: PromptTemplate,
  ) {
    const { label, batches, reproducible, contextTokens } = completer.capabilities;
    const fits = (prompt: string, answer: string): boolean =>
      this.opening(prompt).length + answer.length <= (contextTokens ?? Infinity) * CHARACTERS;
    this.capabilities = { label, forks: false, batches, reproducible, overlaps: true, fits };
  }

  async extend(requests: readonly ExtendRequest[], signal?: AbortSignal): Promise<Extension[]> {
    throwIfAborted(signal);
    // If one request dooms the call, the others must not go on in the background.
    const calls = new AbortController();
    const both = signal === undefined ? calls.signal : AbortSignal.any([signal, calls.signal]);
    try {
      const results = await Promise.all(requests.map((request) => this.complete(request, both)));
      const all = results.flat();
      const failures = all.filter((result) => result instanceof AppError);
      if (failures.length > 0 && failures.length === all.length) throw failures[0];
      return requests.map((request, i) => this.toExtension(request, results[i]));
    } catch (thrown) {
      calls.abort();
      throwIfAborted(signal);
      throw thrown;
    }
  }

  /** Nothing is held for a branch. */
  release(): void {}

  private complete(
    request: ExtendRequest,
    signal: AbortSignal,
  ): Promise<(Completion | AppError)[]> {
    if (request.streams.length === 0) return Promise.resolve([]);
    const done = stepTexts(request.branch);
    const { addsBos } = this.completer.capabilities;
    const bos = addsBos ? '' : this.template.bos;
    const prompt = bos + this.opening(request.branch.prompt) + solutionPrefix(done);
    return this.completer.complete(
      {
        prompt,
        stop: stopStrings(done.length, stepLimit(request)),
        ends: this.template.ends,
        maxTokens: request.maxTokens,
        temperature: request.temperature,
        seeds: request.streams.map(hashedSeed),
      },
      signal,
    );
  }

  private opening(prompt: string): string {
    const revision = parseRevisionPrompt(prompt);
    // A first attempt has nothing to look back on.
    if (revision === null) return this.template.solve(prompt);
    const { problem, attempts } = revision;
    return attempts.length === 0
      ? this.template.solve(problem)
      : this.template.revise(problem, attempts);
  }

  private toExtension(
    request: ExtendRequest,
    results: readonly (Completion | AppError)[],
  ): Extension {
    const leaves = request.streams.map((stream, i): Branch => {
      const result = results[i];
      return result instanceof AppError
        ? lostBranch(request.branch, stream, result)
        : chainOf(request, stream, result);
    });
    const written = results.filter((result): result is Completion => !(result instanceof AppError));
    return { leaves, usage: usageOf(written, this.completer.capabilities.parameters) };
  }
}

/** How many steps the continuation may have; null is no limit. */
function stepLimit(request: ExtendRequest): number | null {
  return request.until === 'step' ? 1 : (request.maxSteps ?? null);
}

function chainOf(request: ExtendRequest, stream: Stream, completion: Completion): Branch {
  let at = request.branch;
  const done = stepTexts(request.branch);
  for (const step of readSteps(completion, stepLimit(request) ?? Infinity, done)) {
    at = {
      parent: at,
      prompt: at.prompt,
      text: step.text,
      tokens: [],
      tokenCount: step.tokens,
      logProb: step.logProb,
      end: step.end,
      depth: at.depth + 1,
      stream,
    };
  }
  return at;
}

function lostBranch(parent: Branch, stream: Stream, failure: AppError): Branch {
  return { ...cutStep(parent, stream), lost: failure.toData() };
}

/** FLOPs = 2 · parameters · tokens. */
export function usageOf(
  completions: readonly Omit<Completion, 'text' | 'finish' | 'pieces'>[],
  parameters: number,
): Usage {
  let prefill = 0;
  let sampled = 0;
  let nominal = 0;
  let known = {};
  for (const { promptTokens, cachedTokens, sampledTokens, cost } of completions) {
    prefill += promptTokens - cachedTokens;
    sampled += sampledTokens;
    nominal += promptTokens + sampledTokens;
    known = addKnown(known, { cachedTokens: cachedTokens > 0 ? cachedTokens : undefined, cost });
  }
  return {
    prefillTokens: prefill,
    sampledTokens: sampled,
    flopsExecuted: 2 * parameters * (prefill + sampled),
    flopsNominal: 2 * parameters * nominal,
    ...known,
  };
}
