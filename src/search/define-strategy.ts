/**
 * The frame around every strategy: start, explore, select, greedy baseline, end. Whatever happens
 * while exploring, the run ends in order and what was found takes part in the selection.
 */
import { isAbort, toAppError, type AppError } from '../shared/errors.ts';
import type { Branch } from '../shared/branch.ts';
import { childStream } from '../shared/random.ts';
import type { RunConfig } from '../shared/run-config.ts';
import { RUN_LOG_VERSION, type EventOf, type RunEvent } from '../shared/run-events.ts';
import { failureFlags } from './failure-flags.ts';
import { SearchRun } from './search-run.ts';
import type { SearchContext, Strategy } from './strategy.ts';

/** A part of a run: `auto` delegates a smaller budget and a root of its own. */
export interface ExplorePlan {
  readonly config: RunConfig;
  readonly root: Branch;
}

/** Samples, scores and adds candidates to `run`. Each `yield` hands the events so far to the
 * reader, so yield once a batch has told all it has to tell. */
export type Explore = (run: SearchRun, plan: ExplorePlan) => AsyncGenerator<void, void, void>;

export interface StrategySpec extends Pick<Strategy, 'id' | 'label' | 'description'> {
  readonly explore: Explore;
}

export interface ExploringStrategy extends Strategy {
  readonly explore: Explore;
}

export function defineStrategy(spec: StrategySpec): ExploringStrategy {
  return { ...spec, run: (context) => runStrategy(spec, context) };
}

async function* runStrategy(
  spec: StrategySpec,
  context: SearchContext,
): AsyncGenerator<RunEvent, void, void> {
  const run = new SearchRun(context);
  yield startEvent(run, spec);
  let failure: AppError | null = null;
  try {
    try {
      const batches = spec.explore(run, { config: run.config, root: run.root });
      while ((await batches.next()).done !== true) yield* run.drain();
    } catch (thrown) {
      failure = toAppError(thrown);
    }
    conclude(run);
    yield* run.drain();
    if (failure === null && (context.baseline ?? true) && spec.id !== 'greedy') {
      await addBaseline(run);
      yield* run.drain();
    }
    yield endEvent(failure);
  } finally {
    run.releaseAll();
  }
}

function startEvent(run: SearchRun, spec: StrategySpec): EventOf<'start'> {
  const { context } = run;
  const own = spec.id === 'revise' ? context.reviser : context;
  return {
    type: 'start',
    version: RUN_LOG_VERSION,
    config: context.config,
    prompt: context.prompt,
    family: context.family,
    level: context.level,
    policy: (own?.policy ?? context.policy).capabilities.label,
    verifier: own?.verifier?.capabilities.label ?? null,
    engine: context.engineLabel,
    ...(context.from === undefined || context.from.length === 0 ? {} : { from: [...context.from] }),
  };
}

function conclude(run: SearchRun): void {
  run.addPendingCandidates();
  run.emitLedger();
  const choice = run.choose();
  const winner = choice.candidate === null ? null : run.candidates[choice.candidate];
  run.emit({
    type: 'answer',
    selection: choice.rule,
    ...chosenAggregation(run),
    answer: winner?.answer ?? null,
    answerText: winner?.answerText ?? null,
    candidate: choice.candidate,
    correct: winner?.correct ?? null,
    votes: choice.votes.map((vote) => ({ ...vote })),
  });
  for (const flag of failureFlags(run.candidates, choice.candidate, (at) => run.stepsOf(at))) {
    run.note(flag.code, flag.text);
  }
}

/** Where `auto` chose another than the one that was asked for. */
function chosenAggregation({ config, context }: SearchRun): Pick<EventOf<'answer'>, 'aggregation'> {
  const { aggregation } = config;
  return aggregation === null || aggregation === context.config.aggregation ? {} : { aggregation };
}

function endEvent(failure: AppError | null): EventOf<'end'> {
  if (failure === null) return { type: 'end', reason: 'done' };
  const { code, message, advice, cause } = failure.toData();
  const error = { code, message: cause === undefined ? message : `${message} (${cause})`, advice };
  return isAbort(failure)
    ? { type: 'end', reason: 'stopped' }
    : { type: 'end', reason: 'failed', error };
}

/** What greedy decoding answers, for the story told after the run. A failure here costs nothing. */
async function addBaseline(run: SearchRun): Promise<void> {
  try {
    const request = {
      branch: run.root,
      streams: [childStream(run.root.stream, 0)],
      temperature: 0,
      until: 'solution',
      maxTokens: run.limits.solution,
    } as const;
    const [[leaf]] = await run.extend([request], { charged: false });
    const [arrival] = run.addLeaves([leaf], { role: 'greedy' });
    const path: string[] = [];
    for (let at = arrival.node; at.parent !== null; at = at.parent) path.push(at.branch.text);
    const grade = run.context.grade(path.reverse());
    const finished = leaf.end === 'solution' && grade.finished;
    run.emit({
      type: 'baseline',
      id: arrival.node.id,
      answerText: finished ? grade.answerText : null,
      correct: finished ? grade.correct : null,
    });
  } catch (thrown) {
    if (!isAbort(thrown))
      run.note('no-baseline', `No greedy answer: ${toAppError(thrown).message}`);
  }
}
