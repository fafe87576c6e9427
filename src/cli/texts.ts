/** `logits`, `score` and `generate`: what the models say about one text. */
import * as z from 'zod/mini';
import { EnginePolicy } from '../engine/engine-policy.ts';
import type { OpenModel } from '../engine/node-models.ts';
import { DEFAULT_TOKEN_LIMITS } from '../search/strategy.ts';
import { rootBranch, stepTexts } from '../shared/branch.ts';
import { childStream, rootStream } from '../shared/random.ts';
import { runConfigSchema } from '../shared/run-config.ts';
import { badInput, Options } from './args.ts';
import { drawBulk } from './bulk-samples.ts';
import { labelOf, openModel } from './open-models.ts';
import { printJson, printText } from './output.ts';

const OPTIONS = {
  engine: 'string',
  model: 'string',
  text: 'string',
  models: 'string',
  json: 'boolean',
} as const;
const SAMPLE_OPTIONS = {
  ...OPTIONS,
  samples: 'string',
  seed: 'string',
  temperature: 'string',
  problems: 'string',
  out: 'string',
} as const;

/** `{tokens, logits}`: the raw head outputs after every token, `<bos>` first. */
export async function logits(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = Options.parse(args, OPTIONS);
  const open = await openModel(options, options.text('model') ?? 'policy');
  const { tokens, outputs } = await readText(open, options.required('text'), signal);
  const width = outputs.length / tokens.length;
  printJson({
    tokens,
    logits: tokens.map((_, at) => [...outputs.slice(at * width, (at + 1) * width)]),
  });
}

/** `{tokens, scores}`: the model's value at each step end; the end of the prompt is none. What the
 * policy said is not known here, so its confidence has no part in them. */
export async function score(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = Options.parse(args, OPTIONS);
  const open = await openModel(options, options.text('model') ?? 'prm');
  if (open.engine.config.head !== 'value') {
    throw badInput(`${open.model.id} has no value head.`, 'Name a verifier, such as --model prm.');
  }
  const text = options.required('text');
  const { tokens, outputs } = await readText(open, text, signal);
  const { tokenizer } = open.model;
  const newline = tokenizer.requireId('\n');
  const eos = tokenizer.requireId('<eos>');
  const promptEnd = tokens.indexOf(newline);
  // An ORM reads attempts whose lines are not steps of the answer; it speaks at the end alone.
  const ends = text.includes('<attempt>') ? [eos] : [newline, eos];
  const values = tokens.flatMap((token, at) =>
    at > promptEnd && ends.includes(token) ? [1 / (1 + Math.exp(-outputs[at]))] : [],
  );
  printJson({
    tokens,
    scores: values,
    promptScore: promptEnd < 0 ? null : 1 / (1 + Math.exp(-outputs[promptEnd])),
  });
}

async function readText({ engine, model }: OpenModel, text: string, signal: AbortSignal) {
  const tokens = model.tokenizer.encode(text);
  if (tokens.length === 0 || tokens.length > engine.config.maxPositions) {
    const most = engine.config.maxPositions;
    throw badInput(`The text has ${tokens.length} tokens.`, `Give it 1 to ${most} tokens.`);
  }
  const [sequence] = await engine.prefill([tokens.slice(0, 1)], { signal });
  engine.truncate(sequence, 0);
  const [outputs] = await engine.score([{ sequence, tokens }], { signal });
  engine.free(sequence);
  return { tokens, outputs };
}

/** `{texts}`: sampled continuations of whole lines, each to the end of the solution. */
export async function generate(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = Options.parse(args, SAMPLE_OPTIONS);
  const samples = options.checked('samples', z.int().check(z.minimum(1), z.maximum(4096))) ?? 1;
  const seed = options.checked('seed', runConfigSchema.shape.seed) ?? 1;
  const temperature = options.checked('temperature', runConfigSchema.shape.temperature) ?? 1;
  const open = await openModel(options, options.text('model') ?? 'policy');
  const policy = new EnginePolicy(open.engine, open.model.tokenizer, { label: labelOf(open) });
  const problems = options.text('problems');
  if (problems !== undefined) {
    const out = options.required('out');
    const count = await drawBulk(policy, { problems, out, samples, seed, temperature }, signal);
    printText(`${count} problems written.`);
    return;
  }
  const text = options.required('text').replace(/\n$/, '');
  if (text === '') throw badInput('--text is empty.', 'Give a prompt, such as "make 24: 4 6 7 8".');
  const root = rootBranch(text, rootStream(seed, text));
  const request = {
    branch: root,
    streams: Array.from({ length: samples }, (_, i) => childStream(root.stream, i)),
    temperature,
    until: 'solution',
    maxTokens: DEFAULT_TOKEN_LIMITS.solution,
  } as const;
  const [{ leaves }] = await policy.extend([request], signal);
  const texts = leaves.map((leaf) => stepTexts(leaf).join('\n'));
  if (options.has('json')) printJson({ texts });
  else printText(texts.join('\n\n'));
}
