/** Runs measurements in the worker and keeps their results. One at a time. */
import { AppError, toAppError } from '../../shared/errors.ts';
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../shared/run-config.ts';
import { appendResults, loadResults } from '../../storage/sweeps.ts';
import type { WorkerClient } from '../../worker/client.ts';
import { sweepResultSchema, type SweepResult } from '../../eval/sweep-result.ts';
import type { SweepProblem, SweepSpec } from '../../worker/sweep-messages.ts';
import { parseProblems } from './problem-set.ts';
import type { RunKeeper } from './run-keeper.ts';
import { fetchText } from './shipped.ts';
import { budgetsUpTo, doneOf, sweepId, totalOf, type SweepStore } from './sweep-store.ts';

/** Budgets of the set: enough for the shape of a curve, few enough to wait for. */
const SET_BUDGETS = [1, 4, 16, 64] as const;
const SET_FILE = 'problems/test-100.jsonl';
const PUBLISH_EVERY_MS = 250;

export interface SweeperParts {
  readonly store: SweepStore;
  readonly client: WorkerClient;
  readonly keeper: RunKeeper;
  /** What tells the models in use from the small ones; results of different models do not mix. */
  readonly models: () => string;
  readonly report: (thrown: unknown) => void;
}

/** One problem as it is given to the models, and the right answer where the visitor said it. */
export interface Asked {
  readonly prompt: string;
  readonly known: string | null;
}

const NOTHING_ASKED: Asked = { prompt: '', known: null };

export class Sweeper {
  private stopper: AbortController | null = null;
  /** The settings whose results are on screen, by mode. */
  private readonly shown = { problem: '', set: '' };

  constructor(private readonly parts: SweeperParts) {}

  /** Puts what was measured before for these settings on screen. */
  async show(mode: 'problem' | 'set', config: RunConfig, asked: Asked): Promise<void> {
    const id = this.idOf(mode, config, asked);
    if (this.shown[mode] === id) return;
    this.shown[mode] = id;
    const results = await this.stored(id);
    if (this.shown[mode] === id) this.parts.store.setState({ [mode]: results });
  }

  /** The strategy of the controls on one problem, at growing budgets, with `seeds` seeds each. */
  async repeat(config: RunConfig, asked: Asked, seeds: number): Promise<void> {
    const { prompt, known } = asked;
    const answer = known === null ? {} : { answer: known };
    await this.measure('problem', this.idOf('problem', config, asked), {
      config,
      problems: [{ id: prompt, prompt, ...answer }],
      strategies: [strategyName(config)],
      budgets: config.strategy === 'greedy' ? [1] : budgetsUpTo(config.budget),
      seeds,
    });
  }

  /** The shipped set with several strategies. */
  async measureSet(config: RunConfig, strategies: readonly string[]): Promise<void> {
    try {
      await this.measure('set', this.idOf('set', config, NOTHING_ASKED), {
        config: { ...config, seed: DEFAULT_RUN_CONFIG.seed },
        problems: await fetchProblemSet(),
        strategies: [...strategies],
        budgets: [...SET_BUDGETS],
        seeds: 1,
      });
    } catch (thrown) {
      this.parts.report(thrown);
    }
  }

  cancel(): void {
    this.stopper?.abort();
  }

  private async measure(mode: 'problem' | 'set', id: string, spec: SweepSpec): Promise<void> {
    if (this.stopper !== null) return;
    const stopper = new AbortController();
    this.stopper = stopper;
    this.shown[mode] = id;
    const results = await this.stored(id);
    const done = doneOf(spec, results);
    const progress = {
      mode,
      done: done.length,
      total: totalOf(spec),
      startedAt: performance.now(),
      doneAtStart: done.length,
    };
    this.parts.store.setState({ running: progress, [mode]: [...results] });
    try {
      await this.collect(mode, id, this.parts.client.sweep(spec, done, stopper.signal), results);
    } catch (thrown) {
      this.parts.report(toAppError(thrown));
    } finally {
      this.stopper = null;
      this.parts.store.setState({ running: null });
    }
  }

  /** Publishes and stores results as they come, a few times a second. */
  private async collect(
    mode: 'problem' | 'set',
    id: string,
    batches: AsyncIterable<readonly SweepResult[]>,
    results: SweepResult[],
  ): Promise<void> {
    const { store } = this.parts;
    let unsaved: SweepResult[] = [];
    let last = 0;
    const publish = (): void => {
      last = performance.now();
      const { running } = store.getState();
      const done = (running?.done ?? 0) + unsaved.length;
      store.setState({ running: running === null ? null : { ...running, done } });
      if (this.shown[mode] === id) store.setState({ [mode]: [...results] });
      const fresh = unsaved;
      unsaved = [];
      if (fresh.length > 0) this.save(id, fresh);
    };
    try {
      for await (const batch of batches) {
        results.push(...batch);
        unsaved.push(...batch);
        if (performance.now() - last >= PUBLISH_EVERY_MS) publish();
      }
    } finally {
      publish();
    }
  }

  private save(id: string, results: readonly SweepResult[]): void {
    this.parts.keeper
      .connect()
      .then((database) => appendResults(database, id, results))
      .catch((thrown: unknown) => this.parts.report(thrown));
  }

  private idOf(mode: 'problem' | 'set', config: RunConfig, { prompt, known }: Asked): string {
    // Results say what was right, so they belong to the answer that they were graded by.
    const problem = known === null ? prompt : JSON.stringify([prompt, known]);
    return sweepId(config, (mode === 'set' ? SET_FILE : problem) + this.parts.models());
  }

  /** Results of an earlier visit; none where the browser forbids storage. */
  private async stored(id: string): Promise<SweepResult[]> {
    try {
      return await loadResults(await this.parts.keeper.connect(), id, sweepResultSchema);
    } catch {
      return [];
    }
  }
}

/** As `eval` names a curve: the rule is part of the name unless it is the default. */
function strategyName(config: RunConfig): string {
  const { strategy, selection } = config;
  return selection === 'weighted' || strategy === 'greedy' ? strategy : `${strategy}:${selection}`;
}

async function fetchProblemSet(): Promise<SweepProblem[]> {
  const problems = parseProblems(await fetchText(SET_FILE));
  if (problems.length > 0) return problems;
  throw new AppError('model-corrupt', 'The shipped problem set is empty.', {
    advice: 'Reload the page.',
    retryable: true,
  });
}
