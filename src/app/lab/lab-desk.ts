/**
 * What a visitor can do in the Lab. Knows the browser, not React. Results are kept under a key of
 * everything that changes them – settings, problems, weights, backend – so that asking again, or
 * after a reload, measures only what is missing.
 */
import { readCurves } from '../../eval/curves-file.ts';
import { difficultyFor, parseDifficulty, type Difficulty } from '../../eval/difficulty.ts';
import { readSweepDocument } from '../../eval/results-table.ts';
import { sweepResultSchema, type SweepResult } from '../../eval/sweep-result.ts';
import { AppError, isAbort, toAppError } from '../../shared/errors.ts';
import { appendResults, deleteResults, loadResults } from '../../storage/sweeps.ts';
import type { SweepSpec } from '../../worker/sweep-messages.ts';
import { ENGINE_WORKER } from '../state/engine-worker.ts';
import type { Session } from '../state/session.ts';
import { compressHash, expandHash } from '../state/packed-hash.ts';
import { fetchText } from '../state/shipped.ts';
import { doneOf, modelsId, sweepId, totalOf } from '../state/sweep-store.ts';
import { analysisOf, curvePoints } from './analysis.ts';
import { AnalystClient } from './analyst-client.ts';
import { totalWork, workOf } from './estimate.ts';
import { decodeLab, encodeLab } from './lab-link.ts';
import { recallLab, rememberLab } from './lab-memory.ts';
import { fingerprint, problemsOfLevel, problemsOfText, type LabProblems } from './lab-problems.ts';
import {
  DEFAULT_SETUP,
  defaultWorkers,
  obstacleOf,
  planOf,
  specOf,
  type LabSetup,
  workersFor,
} from './lab-setup.ts';
import { createLabStore, shownProblems, shownResults, type LabStore } from './lab-store.ts';
import { largerOf } from './matched.ts';
import { ExtraWorkers, sweepInParallel } from './parallel-sweep.ts';

const PUBLISH_EVERY_MS = 400;
/** Between two analyses while a sweep runs. */
const ANALYSE_EVERY_MS = 1500;
const MAX_FILE_BYTES = 64_000_000;
export const SHIPPED_CURVES = 'curves/measured.json';
const SHIPPED_DIFFICULTY = 'curves/difficulty.json';

export class LabDesk {
  readonly store: LabStore;
  private readonly analyst: AnalystClient;
  private stopper: AbortController | null = null;
  private request = 0;
  private lastAnalysis = 0;
  private difficulty: Promise<Difficulty | null> | null = null;

  constructor(private readonly session: Session) {
    const cores = navigator.hardwareConcurrency || 1;
    const kept = recallLab(window.localStorage);
    const setup = kept?.setup ?? { ...DEFAULT_SETUP, workers: defaultWorkers(cores) };
    this.store = createLabStore(setup, kept?.file ?? null);
    this.analyst = new AnalystClient({
      spawn: () =>
        new Worker(new URL('./analyst.ts', import.meta.url), { type: 'module', name: 'analyst' }),
      onPoints: (points) => this.store.setState({ points }),
      onAnalysis: (analysis) => this.store.setState({ analysis }),
      onError: (thrown) => session.notices.report(thrown),
      onBusy: (analysing) => this.store.setState({ analysing }),
    });
    session.engine.subscribe(({ status }, before) => {
      if (status.phase === 'ready' && before.status.phase !== 'ready') void this.refresh();
    });
  }

  /** Changes settings; during a sweep they stay as they are. */
  change(patch: Partial<LabSetup>): void {
    if (this.store.getState().running !== null) return;
    const setup = { ...this.store.getState().setup, ...patch };
    this.store.setState({ setup, failure: null });
    this.remember();
    void this.writeAddress();
    void this.refresh();
  }

  /** Takes the set-up of the address, if it has one, and keeps the address up to date. */
  async readAddress(): Promise<void> {
    const hash = await expandHash(window.location.hash);
    const { setup, running } = this.store.getState();
    const read = running === null ? decodeLab(hash, setup) : null;
    if (read !== null) {
      for (const notice of read.notices) this.session.notices.tell(notice);
      this.store.setState({ setup: read.setup, failure: null });
      this.remember();
    }
    await this.writeAddress();
    await this.refresh();
  }

  /** The curves that were measured with the shipped models before the page was built. */
  async openShipped(): Promise<void> {
    const curves = readCurves(JSON.parse(await fetchText(SHIPPED_CURVES)));
    this.store.setState({ imported: null, shipped: curves, failure: null });
    this.analyse(true);
  }

  private async writeAddress(): Promise<void> {
    const hash = await compressHash(encodeLab(this.store.getState().setup));
    const here = window.location.hash;
    if (/^#\/?lab(\?|$)/.test(here) && here !== hash) window.history.replaceState(null, '', hash);
  }

  /** Reads the problems and what was measured before for these settings. */
  async refresh(): Promise<void> {
    const { setup, running } = this.store.getState();
    if (running !== null) return;
    const request = ++this.request;
    try {
      const set = await this.problemsOf(setup);
      if (request !== this.request) return;
      this.store.setState({ problems: { phase: 'ready', set } });
      const key = this.keyOf(setup, set);
      const results = key === null ? [] : await this.stored(key);
      if (request !== this.request) return;
      const spec = specOf(setup, set.problems);
      this.store.setState({ key, measured: doneOf(spec, results) });
      this.analyse(true);
    } catch (thrown) {
      if (request !== this.request) return;
      const error = toAppError(thrown).toData();
      this.store.setState({ problems: { phase: 'failed', error }, key: null, measured: [] });
      this.analyse(true);
    }
  }

  /** Measures what is missing. Resolves when the sweep has ended, however it did. */
  async start(): Promise<void> {
    const { setup, problems, key, running, measured } = this.store.getState();
    if (running !== null || key === null || problems.phase !== 'ready') return;
    const { status } = this.session.engine.getState();
    const extras = status.phase === 'ready' ? status.extras : null;
    if (obstacleOf(setup, problems.set.problems, extras) !== null) return;
    if (measured.length >= totalOf(specOf(setup, problems.set.problems))) return;
    this.store.setState({ imported: null, shipped: null, failure: null });
    const stopper = new AbortController();
    this.stopper = stopper;
    const extra = new ExtraWorkers(ENGINE_WORKER);
    try {
      const spec = specOf(setup, problems.set.problems);
      const workers = workersFor(setup, this.usesLanguageModels());
      this.begin(spec, workers);
      const more = Math.min(workers, spec.problems.length) - 1;
      const others = await extra.start(more, spec.strategies, stopper.signal);
      await this.collect([this.session.client, ...others], spec, key, stopper.signal);
    } catch (thrown) {
      if (!isAbort(thrown)) this.store.setState({ failure: toAppError(thrown).toData() });
    } finally {
      extra.dispose();
      this.stopper = null;
      this.store.setState({ running: null });
      this.analyse(true);
    }
  }

  stop(): void {
    const { running } = this.store.getState();
    if (running === null) return;
    this.store.setState({ running: { ...running, stopping: true } });
    this.stopper?.abort();
  }

  /** Forgets what was measured for the settings on screen. */
  async forget(): Promise<void> {
    const { key, running } = this.store.getState();
    if (key === null || running !== null) return;
    try {
      await deleteResults(await this.session.keeper.connect(), key);
    } catch (thrown) {
      this.session.notices.report(thrown);
    }
    await this.refresh();
  }

  /** A problem set, or results of `eval` or of a Lab; told apart by what is inside. */
  async openFile(file: File): Promise<void> {
    const text = await readText(file);
    if (looksLikeResults(text)) {
      const imported = { name: file.name, ...readSweepDocument(text) };
      this.store.setState({ imported, shipped: null, failure: null });
      this.analyse(true);
      return;
    }
    if (this.store.getState().running !== null) {
      this.session.notices.tell('The problems cannot be changed while a sweep runs.', 'Stop it.');
      return;
    }
    this.store.setState({ file: { name: file.name, text } });
    this.change({ source: 'file' });
  }

  async openLarger(file: File): Promise<void> {
    this.store.setState({ larger: largerOf(file.name, readSweepDocument(await readText(file))) });
  }

  closeImported(): void {
    this.store.setState({ imported: null, shipped: null });
    this.analyse(true);
  }

  private begin(spec: SweepSpec, workers: number): void {
    const { measured } = this.store.getState();
    const work = workOf(measured);
    this.store.setState({
      running: {
        done: measured.length,
        total: totalOf(spec),
        work,
        workAtStart: work,
        totalWork: totalWork(planOf(spec)),
        startedAt: performance.now(),
        workers: Math.max(1, Math.min(workers, spec.problems.length)),
        stopping: false,
      },
    });
  }

  /** Publishes and stores results as they come, a few times a second. */
  private async collect(
    clients: Parameters<typeof sweepInParallel>[0],
    spec: SweepSpec,
    key: string,
    signal: AbortSignal,
  ): Promise<void> {
    const results = [...this.store.getState().measured];
    const done = [...results];
    let fresh: SweepResult[] = [];
    let last = 0;
    const publish = (): void => {
      last = performance.now();
      const { running } = this.store.getState();
      const work = (running?.work ?? 0) + workOf(fresh);
      const progress = running === null ? null : { ...running, done: results.length, work };
      this.store.setState({ running: progress, measured: [...results] });
      const unsaved = fresh;
      fresh = [];
      if (unsaved.length > 0) this.save(key, unsaved);
      this.analyse(false);
    };
    const onResults = (batch: readonly SweepResult[]): void => {
      results.push(...batch);
      fresh.push(...batch);
      if (performance.now() - last >= PUBLISH_EVERY_MS) publish();
    };
    try {
      await sweepInParallel(clients, spec, { done, signal, onResults });
    } finally {
      publish();
    }
  }

  private analyse(now: boolean): void {
    if (now) this.analyst.forget();
    else if (performance.now() - this.lastAnalysis < ANALYSE_EVERY_MS) return;
    this.lastAnalysis = performance.now();
    const state = this.store.getState();
    if (state.shipped !== null) {
      const points = curvePoints(state.shipped.points);
      this.store.setState({ points, analysis: analysisOf(state.shipped) });
      return;
    }
    const results = shownResults(state);
    if (results.length === 0) {
      this.store.setState({ points: null, analysis: null });
      return;
    }
    void this.ask(state.imported?.name ?? 'measured in the Lab', results);
  }

  private async ask(label: string, results: readonly SweepResult[]): Promise<void> {
    const known = await (this.difficulty ??= fetchDifficulty());
    const state = this.store.getState();
    // Other results may be on screen by now.
    if (state.shipped !== null || (shownResults(state) !== results && state.running === null))
      return;
    const difficulty = known && difficultyFor(known, shownProblems(state), results);
    this.analyst.ask({ label, results, difficulty });
  }

  private async problemsOf(setup: LabSetup): Promise<LabProblems> {
    switch (setup.source) {
      case 'shipped':
        return problemsOfText(setup.shipped, await fetchText(setup.shipped), {
          limit: setup.limit,
        });
      case 'generated':
        return problemsOfLevel(setup);
      case 'file': {
        const { file } = this.store.getState();
        const wanted = { limit: setup.limit, anyProblem: this.usesLanguageModels() };
        if (file !== null) return problemsOfText(file.name, file.text, wanted);
        return { label: 'no file', problems: [], available: 0, outside: [], faults: [] };
      }
    }
  }

  /** null until the engine is known. Other weights, another table for `auto` or other models are
   * another key: their results do not mix. */
  private keyOf(setup: LabSetup, { problems }: LabProblems): string | null {
    const { status } = this.session.engine.getState();
    if (status.phase !== 'ready') return null;
    const { config } = specOf(setup, problems);
    return sweepId(config, `lab ${fingerprint(problems)} ${status.backend}${modelsId(status)}`);
  }

  private usesLanguageModels(): boolean {
    const { status } = this.session.engine.getState();
    return status.phase === 'ready' && status.general === true;
  }

  /** Results of an earlier visit; none where the browser forbids storage. */
  private async stored(key: string): Promise<SweepResult[]> {
    try {
      return await loadResults(await this.session.keeper.connect(), key, sweepResultSchema);
    } catch {
      return [];
    }
  }

  private save(key: string, results: readonly SweepResult[]): void {
    this.session.keeper
      .connect()
      .then((database) => appendResults(database, key, results))
      .catch((thrown: unknown) => this.session.notices.report(thrown));
  }

  private remember(): void {
    const { setup, file } = this.store.getState();
    if (rememberLab(window.localStorage, setup, file) || setup.source !== 'file') return;
    this.session.notices.tell(
      'The problem file is too long to be kept.',
      'Its results are kept; open the file again after a reload to go on.',
    );
  }
}

/** null where none is shipped: difficulty is then read from the results themselves. */
async function fetchDifficulty(): Promise<Difficulty | null> {
  try {
    return parseDifficulty(JSON.parse(await fetchText(SHIPPED_DIFFICULTY)));
  } catch {
    return null;
  }
}

/** One JSON document with results; a problem set has a document on each line. */
function looksLikeResults(text: string): boolean {
  return /^\s*\{\s*"(setup|measured|problems|points|results)"/.test(text);
}

async function readText(file: File): Promise<string> {
  if (file.size <= MAX_FILE_BYTES) return file.text();
  throw new AppError('bad-input', `${file.name} is larger than 64 MB.`, {
    advice: 'Open a part of it.',
  });
}
