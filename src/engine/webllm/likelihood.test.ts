import { describe, expect, it } from 'vitest';
import { pathOf, rootBranch } from '../../shared/branch.ts';
import { rootStream } from '../../shared/random.ts';
import { failureOf } from '../../shared/testing/failure-of.ts';
import type { MlcRequest } from './host.ts';
import { openWebLlm } from './open.ts';
import { SOURCE } from './testing/model-server.ts';
import { scriptedWorker, type Script } from './testing/scripted-worker.ts';
import { TokenConfidence } from './token-confidence.ts';
import type { ModelChoice } from './webllm-model.ts';

const CHOICE: ModelChoice = {
  id: 'Tiny-Instruct-10M-q4f32_1',
  vramMb: 1,
  parameters: 1e7,
  ...SOURCE,
};

/** What is sampled, each token with its probability, whatever web-llm's own figures say. */
const SAMPLED = [
  [' 1 + 1', 0.5],
  [' = 2', 0.25],
  ['\n\n', 0.5],
  ['## Step', 0.5],
] as const;

type Answer = NonNullable<Script['answer']>;

/** Token 0 with the probability it should have, beside token 1. */
const sampling: Answer = (request, confidence) => {
  if (!request.stop) return {};
  for (const [, p] of SAMPLED) {
    confidence?.processLogits(Float32Array.of(3 + Math.log(p), 3 + Math.log(1 - p)));
    confidence?.processSampledToken(0);
  }
  const content = SAMPLED.map(([token]) => ({ token, top_logprobs: [{ token, logprob: 0 }] }));
  return {
    text: ' 1 + 1 = 2\n\n',
    ...(confidence === null ? {} : { logprobs: { content } }),
  };
};

function openWith(verifier: ModelChoice | 'likelihood' | null, answer: Answer = sampling) {
  const workers: MlcRequest[][] = [];
  const backend = openWebLlm({
    policy: CHOICE,
    verifier,
    createWorker: () => {
      const requests: MlcRequest[] = [];
      workers.push(requests);
      return scriptedWorker({ requests, answer });
    },
  });
  return { backend, workers };
}

const root = rootBranch('P', rootStream(1, 'P'));
const STEP = {
  branch: root,
  streams: [root.stream],
  temperature: 0,
  until: 'step',
  maxTokens: 50,
} as const;

describe('likelihood as the verifier', () => {
  it('is the mean over all tokens that were sampled, at temperature 1, stop strings included', async () => {
    const { backend, workers } = openWith('likelihood');
    const { policy, verifier } = await backend;
    const [{ leaves }] = await policy.extend([STEP]);
    const logProb = SAMPLED.reduce((sum, [, p]) => sum + Math.log(p), 0);
    expect(leaves[0].logProb).toBeCloseTo(logProb, 5);
    const [{ stepScores, usage }] = (await verifier?.score(leaves)) ?? [];
    expect(stepScores).toEqual([expect.closeTo(Math.exp(logProb / SAMPLED.length), 6)]);
    expect(usage).toMatchObject({ prefillTokens: 0, sampledTokens: 0 });
    expect(verifier?.capabilities.label).toBe('likelihood');
    // No second model, and the texts of the tokens asked for.
    expect(workers).toHaveLength(1);
    expect(workers[0].at(-1)).toMatchObject({ logprobs: true, top_logprobs: 1 });
  });

  it('is not paid for where it is not chosen', async () => {
    for (const verifier of [null, CHOICE]) {
      const { backend, workers } = openWith(verifier);
      const { policy } = await backend;
      const [{ leaves }] = await policy.extend([STEP]);
      expect(pathOf(leaves[0]).map((step) => step.logProb)).toEqual([0]);
      expect(workers[0].at(-1)).not.toHaveProperty('logprobs');
      expect(workers[0].at(-1)).not.toHaveProperty('top_logprobs');
    }
  });

  it('is refused where tokens and probabilities do not belong together', async () => {
    const { backend } = openWith('likelihood', (request, confidence) => {
      const own = sampling(request, confidence);
      confidence?.take();
      return own;
    });
    const { policy } = await backend;
    expect((await failureOf(policy.extend([STEP]))).toData().cause).toContain(
      '4 tokens with 0 probabilities',
    );
  });
});

describe('the confidence of tokens', () => {
  it('changes no logits, and gives each sampled token once', () => {
    const confidence = new TokenConfidence();
    const logits = Float32Array.of(1, 2, 3);
    expect(confidence.processLogits(logits)).toBe(logits);
    confidence.processSampledToken(2);
    const [only, ...others] = confidence.take();
    expect(Math.exp(only)).toBeCloseTo(Math.exp(3) / (Math.exp(1) + Math.exp(2) + Math.exp(3)), 10);
    expect(others).toEqual([]);
    expect(confidence.take()).toEqual([]);
  });

  it('holds for logits whose exponentials are no numbers', () => {
    const confidence = new TokenConfidence();
    confidence.processLogits(Float32Array.of(5000, 5000, -5000));
    confidence.processSampledToken(1);
    expect(confidence.take()[0]).toBeCloseTo(Math.log(0.5), 10);
  });
});
