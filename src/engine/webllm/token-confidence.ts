/**
 * The log-probability of each token that web-llm samples, at temperature 1 whatever the temperature
 * of the request: web-llm's own `logprobs` are those of the tempered distribution, in which at
 * temperature 0 every token is certain. A logit processor sees the logits before that. It changes
 * nothing; but for web-llm to call it, all logits go to the CPU and back for every token.
 */

/** As web-llm's `LogitProcessor`, whose methods it calls in turn: logits, then the token drawn. */
export class TokenConfidence {
  private logits: Float32Array = new Float32Array(0);
  private sampled: number[] = [];

  readonly processLogits = (logits: Float32Array): Float32Array => {
    this.logits = logits;
    return logits;
  };

  readonly processSampledToken = (token: number): void => {
    this.sampled.push(this.logits[token] - logSumExp(this.logits));
  };

  /** web-llm calls it when a chat begins anew; nothing outlives a request here. */
  readonly resetState = (): void => {};

  /** Natural log-probabilities, one for each token sampled since the last call. */
  take(): number[] {
    return this.sampled.splice(0);
  }
}

function logSumExp(logits: Float32Array): number {
  let largest = -Infinity;
  for (const logit of logits) if (logit > largest) largest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return largest + Math.log(sum);
}
