/**
 * The sampling rule of `device.ts` in plain float64: the twin that every device is tested against.
 */
import { pcg4d, toGumbel } from '../../shared/random.ts';
import { keptTokens } from '../kept-tokens.ts';

export interface SampleRule {
  readonly stream0: number;
  readonly stream1: number;
  /** Absolute position of the token being sampled. */
  readonly position: number;
  /** 0 is argmax. */
  readonly temperature: number;
  /** 0 keeps all. */
  readonly topK: number;
  /** 1 keeps all. */
  readonly topP: number;
}

export interface Sample {
  readonly token: number;
  /** Natural log-probability at temperature 1 over the whole vocabulary. */
  readonly logProb: number;
}

export function sampleToken(logits: ArrayLike<number>, rule: SampleRule): Sample {
  const token = rule.temperature === 0 ? argmax(logits) : gumbelMax(logits, rule);
  return { token, logProb: logits[token] - logSumExp(logits) };
}

function gumbelMax(logits: ArrayLike<number>, rule: SampleRule): number {
  const kept = new Set(keptTokens(logits, rule.temperature, rule.topK, rule.topP));
  const words = new Uint32Array(4);
  let best = -1;
  let bestKey = -Infinity;
  for (let v = 0; v < logits.length; v++) {
    if (v % 4 === 0) pcg4d(rule.stream0, rule.stream1, rule.position, v >> 2, words);
    const key = logits[v] / rule.temperature + toGumbel(words[v & 3]);
    if (kept.has(v) && (best === -1 || key > bestKey)) {
      best = v;
      bestKey = key;
    }
  }
  return best;
}

function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let v = 1; v < values.length; v++) if (values[v] > values[best]) best = v;
  return best;
}

export function logSumExp(values: ArrayLike<number>): number {
  const highest = values[argmax(values)];
  let sum = 0;
  for (let v = 0; v < values.length; v++) sum += Math.exp(values[v] - highest);
  return highest + Math.log(sum);
}
