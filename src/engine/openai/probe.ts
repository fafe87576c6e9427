/**
 * Asks a server once what it honours, by watching what it does with a few short completions: not
 * all that accept `seed`, `n`, `stop` or `logprobs` act on them. Costs some 150 tokens.
 */
import { AppError, isAbort } from '../../shared/errors.ts';
import { isRefusal, type CompletionBody, type OpenAiClient, type ServedModel } from './client.ts';
import type { RawCompletion } from './collect.ts';

export interface ServerFeatures {
  /** Several completions from one request. */
  readonly n: boolean;
  /** The same seed gives the same text, another seed another one. */
  readonly seed: boolean;
  readonly stop: boolean;
  readonly logProbs: boolean;
  /** The prompt's own log-probabilities can be had. */
  readonly echo: boolean;
  readonly stream: boolean;
  /** Sampling switches beyond the common interface are accepted. */
  readonly extensions: boolean;
  /** The server tells a stop string from the end of the turn. */
  readonly stopReason: boolean;
  readonly usage: boolean;
}

export interface ProbeLine {
  readonly feature: keyof ServerFeatures;
  readonly works: boolean;
  /** A sentence for people: what it means for a search. */
  readonly text: string;
}

export interface ProbeReport {
  readonly model: string;
  /** Empty where the server does not list its models. */
  readonly models: readonly ServedModel[];
  readonly features: ServerFeatures;
  readonly lines: readonly ProbeLine[];
}

// Almost any model has many ways to go on from here, so equal texts mean equal draws.
const OPEN_PROMPT = 'A list of twelve random words, no two of them alike: ';
const PLAIN_PROMPT = 'Count in words. One, two, three, four,';
const PROBE_SEED = 1_234_567_891;
const OTHER_SEED = 987_654_321;

/** Off-switches beyond the common interface; vLLM, SGLang and llama.cpp know them. */
export const PLAIN_SAMPLING = { top_k: -1, min_p: 0, repetition_penalty: 1 } as const;

/** Throws AppError where there is no completion to be had at all: refused key, unknown model,
 * nobody there. A missing feature is not an error. */
export async function probeServer(
  client: OpenAiClient,
  model: string,
  signal?: AbortSignal,
): Promise<ProbeReport> {
  const models = await listModels(client, signal);
  checkModel(models, model);
  const base = { model, prompt: PLAIN_PROMPT, max_tokens: 16, temperature: 0 };
  const ask = async (
    body: Partial<CompletionBody>,
    stream = false,
  ): Promise<RawCompletion | null> =>
    client.complete({ ...base, ...body }, { stream, signal }).catch((thrown: unknown) => {
      if (isAbort(thrown) || (thrown as AppError).code === 'network') throw thrown;
      return null;
    });
  // The first one decides whether anything works; its failure is the caller's to read.
  const plain = await client.complete(base, { stream: false, signal });
  const [extended, streamed, several, logProbs, echo] = await Promise.all([
    ask(PLAIN_SAMPLING),
    ask({}, true),
    ask({ n: 2, max_tokens: 4, temperature: 1 }),
    ask({ logprobs: 5, max_tokens: 2 }),
    ask({ echo: true, max_tokens: 1, logprobs: 1 }),
  ]);
  const stop = await probeStop(plain, ask);
  const features: ServerFeatures = {
    n: several?.choices.length === 2,
    seed: await probeSeed(ask),
    stop: stop.works,
    stopReason: stop.says,
    logProbs: (logProbs?.choices[0].logProbs?.[0]?.top.size ?? 0) > 1,
    echo: echo?.choices[0].text.startsWith(PLAIN_PROMPT) ?? false,
    stream: streamed?.streamed ?? false,
    extensions: extended !== null,
    usage: plain.reportsUsage && (streamed?.reportsUsage ?? true),
  };
  return { model, models, features, lines: describeFeatures(features) };
}

/** Servers that do not list models are asked by name all the same. */
async function listModels(client: OpenAiClient, signal?: AbortSignal): Promise<ServedModel[]> {
  try {
    return await client.models(signal);
  } catch (thrown) {
    if (!isRefusal(thrown) || /key/.test((thrown as AppError).message)) throw thrown;
    if ((thrown as AppError).code === 'network') throw thrown;
    return [];
  }
}

function checkModel(models: readonly ServedModel[], model: string): void {
  if (models.length === 0 || models.some(({ id }) => id === model)) return;
  throw new AppError('model-missing', `The server does not have the model ${model}.`, {
    advice: `It has: ${models.map(({ id }) => id).join(', ')}.`,
  });
}

type Ask = (body: Partial<CompletionBody>) => Promise<RawCompletion | null>;

async function probeSeed(ask: Ask): Promise<boolean> {
  const body = { prompt: OPEN_PROMPT, max_tokens: 12, temperature: 1.2 };
  const [first, second, other] = await Promise.all(
    [PROBE_SEED, PROBE_SEED, OTHER_SEED].map(
      async (seed) => (await ask({ ...body, seed }))?.choices[0].text,
    ),
  );
  return first !== undefined && first !== '' && first === second && first !== other;
}

/** Takes a piece out of the middle of what the server wrote and asks again with it as stop. */
async function probeStop(
  plain: RawCompletion,
  ask: Ask,
): Promise<{ works: boolean; says: boolean }> {
  const { text } = plain.choices[0];
  const middle = text.length >> 1;
  const mark = text.slice(middle, middle + 4);
  if (mark.trim() === '') return { works: false, says: false };
  const choice = (await ask({ stop: [mark] }))?.choices[0];
  if (choice === undefined) return { works: false, says: false };
  const works = !choice.text.includes(mark) && text.startsWith(choice.text);
  return { works, says: works && choice.stoppedBy === mark };
}

const MEANINGS: Record<keyof ServerFeatures, readonly [yes: string, no: string]> = {
  seed: [
    'A run can be repeated: equal seeds give equal texts.',
    'Seeds are ignored: a run cannot be repeated exactly.',
  ],
  n: ['Several samples come from one request.', 'Every sample takes a request of its own.'],
  stop: [
    'Steps end at their boundary.',
    'Stop strings are ignored: text behind a step is thrown away here, and paid for.',
  ],
  stopReason: [
    'The server says why it stopped.',
    'The server does not say why it stopped: the end of a solution is read from its answer.',
  ],
  logProbs: [
    'Token probabilities come along: the model can judge by one token.',
    'No token probabilities: it cannot judge, and likelihood is not known.',
  ],
  echo: [
    'Probabilities of given text can be had.',
    'Probabilities of given text cannot be had; no strategy needs them.',
  ],
  stream: ['Answers are streamed.', 'Answers come in one piece: slow ones may look stuck.'],
  usage: ['Tokens are counted by the server.', 'Tokens are counted here, roughly.'],
  extensions: [
    'Sampling is plain: top-k, min-p and penalties are switched off.',
    "Top-k and penalties cannot be switched off: the model's own settings stay in force.",
  ],
};

const FEATURES = Object.keys(MEANINGS) as (keyof ServerFeatures)[];

export function describeFeatures(features: ServerFeatures): ProbeLine[] {
  return FEATURES.map((feature) => ({
    feature,
    works: features[feature],
    text: MEANINGS[feature][features[feature] ? 0 : 1],
  }));
}
