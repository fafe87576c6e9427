/**
 * Process reward model: a score after every step, from a value head over the engine, and from the
 * policy's own log-probabilities where the model's config says how.
 */
import type { Branch } from '../shared/branch.ts';
import { BranchValues, type ValuesOptions } from '../engine/branch-values.ts';
import { hasOwnDevice, type Engine } from '../engine/engine.ts';
import type { Tokenizer } from '../engine/tokenizer/tokenizer.ts';
import { withConfidence } from './confidence.ts';
import type { Verdict, Verifier, VerifierCapabilities } from './verifier.ts';

export interface PrmOptions extends ValuesOptions {
  readonly label: string;
}

export class PrmVerifier implements Verifier {
  private readonly values: BranchValues;

  /** Throws AppError `model-unsupported` unless the model has a value head. */
  constructor(
    private readonly engine: Engine,
    tokenizer: Tokenizer,
    private readonly options: PrmOptions,
  ) {
    this.values = new BranchValues(engine, tokenizer, options);
  }

  get capabilities(): VerifierCapabilities {
    const { confidence } = this.engine.config;
    const label = `${this.options.label}${confidence ? ', with the policy’s confidence' : ''}`;
    // Trained on soft Monte-Carlo labels, so the last step's score stands for the whole
    // (Snell et al. 2024, section 5.1).
    return { label, perStep: true, aggregation: 'last', ownDevice: hasOwnDevice(this.engine) };
  }

  async score(branches: readonly Branch[], signal?: AbortSignal): Promise<Verdict[]> {
    const readings = await this.values.read(branches, signal);
    const { confidence } = this.engine.config;
    return readings.map(({ prompt, steps, usage }, i) => ({
      stepScores: confidence ? withConfidence(branches[i], steps, confidence) : steps,
      promptScore: prompt,
      usage,
    }));
  }

  release(branches: Iterable<Branch>): void {
    this.values.release(branches);
  }
}
