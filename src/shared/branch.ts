import type { ErrorData } from './errors.ts';
import type { Stream } from './random.ts';

/** Why a step ended: more steps follow, the solution is complete, the token limit cut it, or it says
 * again what stands before it and no more is asked for. */
export type StepEnd = 'step' | 'solution' | 'length' | 'repetition';

/**
 * One step of a partial solution and, through `parent`, everything before it. Immutable; identity
 * matters: policies and verifiers key their caches by the object. The root (`parent === null`)
 * stands for the prompt alone and has no text.
 */
export interface Branch {
  readonly parent: Branch | null;
  /** The canonical prompt, the same object-wide for a whole tree. */
  readonly prompt: string;
  /** This step without its terminator: one line from the shipped models, maybe a paragraph from a
   * language model. Empty for the root. */
  readonly text: string;
  /** Token ids of this step with its terminator; empty where a backend has its own tokenizer. */
  readonly tokens: readonly number[];
  /** Tokens sampled for this step (its cost), also where `tokens` is unknown. */
  readonly tokenCount: number;
  /** Sum of the natural log-probabilities of this step's tokens at temperature 1. */
  readonly logProb: number;
  /** The same token by token, beside `tokens`; absent where the backend does not say. */
  readonly logProbs?: readonly number[];
  readonly end: StepEnd;
  /** 0 for the root, then one more for each step. */
  readonly depth: number;
  /** The key all draws of this step were made from. */
  readonly stream: Stream;
  /** Set when the backend failed here after all retries: a dead end (`end` is `length`) that costs
   * the search one branch and not the run. */
  readonly lost?: ErrorData;
}

/** Nothing follows, and there is no answer: cut off, lost, or going round in circles. */
export function isDeadEnd({ end }: Branch): boolean {
  return end === 'length' || end === 'repetition';
}

export function rootBranch(prompt: string, stream: Stream): Branch {
  return {
    parent: null,
    prompt,
    text: '',
    tokens: [],
    tokenCount: 0,
    logProb: 0,
    end: 'step',
    depth: 0,
    stream,
  };
}

/** The steps from the first to `branch`, without the root. */
export function pathOf(branch: Branch): Branch[] {
  const path: Branch[] = [];
  for (let at: Branch | null = branch; at !== null && at.parent !== null; at = at.parent) {
    path.push(at);
  }
  return path.reverse();
}

export function stepTexts(branch: Branch): string[] {
  return pathOf(branch).map((step) => step.text);
}

/** An empty step that ends its branch: no room for another token, or its continuation was lost. */
export function cutStep(parent: Branch, stream: Stream): Branch {
  return {
    parent,
    prompt: parent.prompt,
    text: '',
    tokens: [],
    tokenCount: 0,
    logProb: 0,
    end: 'length',
    depth: parent.depth + 1,
    stream,
  };
}
