/**
 * Outcome reward model for revisions: one score for a whole answer, read at its end, by a model that
 * has seen the earlier attempts as well. Its prompts are those of `shared/revision-prompt.ts`.
 */
import { BranchValues } from '../engine/branch-values.ts';
import { hasOwnDevice, type Engine } from '../engine/engine.ts';
import type { Tokenizer } from '../engine/tokenizer/tokenizer.ts';
import type { Branch } from '../shared/branch.ts';
import { revisionPrompt, parseRevisionPrompt } from '../shared/revision-prompt.ts';
import type { Verdict, Verifier, VerifierCapabilities } from './verifier.ts';

export class OrmVerifier implements Verifier {
  private readonly values: BranchValues;

  /** Throws AppError `model-unsupported` unless the model has a value head. */
  constructor(
    private readonly engine: Engine,
    tokenizer: Tokenizer,
    private readonly options: { label: string },
  ) {
    this.values = new BranchValues(engine, tokenizer, {
      promptTokens: (prompt) => revisionTokens(tokenizer, prompt),
    });
  }

  get capabilities(): VerifierCapabilities {
    const { label } = this.options;
    return { label, perStep: false, aggregation: 'last', ownDevice: hasOwnDevice(this.engine) };
  }

  /** Of a step that is not the end of a solution the score means nothing. */
  async score(branches: readonly Branch[], signal?: AbortSignal): Promise<Verdict[]> {
    const readings = await this.values.read(branches, signal);
    return readings.map(({ steps, usage }) => ({ stepScores: steps.slice(-1), usage }));
  }

  release(branches: Iterable<Branch>): void {
    this.values.release(branches);
  }
}

/** Tokens of the longest history that reviser and ORM were trained on (training/revision_data.py);
 * longer ones drop their oldest attempts there as well. */
export const REVISION_LENGTH = 640;

/** What stands before an answer of the reviser, up to and with the last mark; a bare problem is one
 * without attempts. For `EnginePolicyOptions.promptTokens` of the reviser too. */
export function revisionTokens(tokenizer: Tokenizer, prompt: string): number[] {
  const marked = parseRevisionPrompt(prompt) !== null;
  return tokenizer.encode(marked ? prompt : revisionPrompt({ problem: prompt, attempts: [] }));
}
