/**
 * One visit: the stores, the worker and storage, and what a visitor can do with them. Knows the
 * browser, not React.
 */
import type { EnginePreference } from '../../engine/engine-preference.ts';
import { understand } from '../../problems/understand.ts';
import { toAppError, type ErrorData } from '../../shared/errors.ts';
import type { RunConfig } from '../../shared/run-config.ts';
import type { RunEvent } from '../../shared/run-events.ts';
import { stepsTo } from '../../shared/run-view.ts';
import { readRunFile } from '../../storage/run-file.ts';
import { WorkerClient } from '../../worker/client.ts';
import { SHIPPED, type ModelChoice } from '../../worker/model-choice.ts';
import type { EngineState } from '../../worker/protocol.ts';
import { createControlsStore, sameConfig } from './controls-store.ts';
import { createEngineStore } from './engine-store.ts';
import { ENGINE_CHOICE, ENGINE_WORKER } from './engine-worker.ts';
import { createHistoryStore } from './history-store.ts';
import { createJudgeStore, OWN_JUDGE } from './judge-store.ts';
import { truthIsUnknown, withTruth } from './known-answer.ts';
import { createNoticesStore } from './notices-store.ts';
import { reselectAnswer } from './reselect-answer.ts';
import { compressHash, expandHash } from './packed-hash.ts';
import { RunKeeper } from './run-keeper.ts';
import { createRunStore, type OpenRun } from './run-store.ts';
import { createSweepStore, modelsId } from './sweep-store.ts';
import { Sweeper } from './sweeper.ts';
import { fetchRecording } from './shipped.ts';
import { decodeHash, encodeHash, HOME_PAGE } from './url-state.ts';

/** The textarea of the problem, so that a run that cannot start leads there. */
export const PROBLEM_BOX_ID = 'problem-text';

export class Session {
  readonly run = createRunStore();
  readonly controls = createControlsStore();
  readonly notices = createNoticesStore();
  readonly engine = createEngineStore(ENGINE_CHOICE.preference);
  readonly history = createHistoryStore();
  readonly keeper = new RunKeeper(this.history, (thrown) => this.notices.report(thrown));
  readonly client = new WorkerClient({
    ...ENGINE_WORKER,
    onEngine: (status) => this.engineChanged(status),
  });
  /** Who judges the finished run on screen. */
  readonly judge = createJudgeStore();
  readonly sweeps = createSweepStore();
  readonly sweeper = new Sweeper({
    store: this.sweeps,
    client: this.client,
    keeper: this.keeper,
    models: () => {
      const { status } = this.engine.getState();
      return status.phase === 'ready' ? modelsId(status) : '';
    },
    report: (thrown) => this.notices.report(thrown),
  });
  /** Takes dropped files while a page is shown that opens files of its own; null: runs. */
  fileOpener: ((file: File) => Promise<void>) | null = null;
  /** Runs what the page shown runs, where that is not one problem; null: the problem. */
  pageRun: (() => void) | null = null;
  private stopper: AbortController | null = null;
  private models: ModelChoice = SHIPPED;
  private engineNotice: { readonly id: number; readonly text: string } | null = null;
  /** The log as it was recorded, before any change of selection. */
  private recorded: readonly RunEvent[] = [];
  /** Answers that the visitor gave, by problem. */
  private readonly known = new Map<string, string>();

  /** Loads the models, reads the address and puts something on screen. Call once. */
  async start(): Promise<void> {
    if (ENGINE_CHOICE.notice !== null) this.notices.tell(ENGINE_CHOICE.notice);
    this.client.load();
    const linked = await this.readAddress();
    this.watchAddress();
    this.watchSelection();
    await this.keeper.refresh();
    const restored = await this.restoreLast(linked);
    if (!restored && this.run.getState().source === 'none') await this.showRecording(linked);
  }

  /** Runs what the controls say; resolves when the run has ended. */
  async runNow(from: readonly string[] = []): Promise<void> {
    if (this.run.getState().running) return;
    const { config } = this.controls.getState();
    this.controls.settle();
    const id = crypto.randomUUID();
    this.run.begin(id, config.problem);
    this.judge.setState(OWN_JUDGE);
    const stopper = new AbortController();
    this.stopper = stopper;
    const error = await this.consume(id, config, from, stopper.signal);
    this.run.finish(id, error);
    const { events, label } = this.run.getState();
    this.recorded = events;
    if (events.length > 0) this.keeper.save(id, label, events, true);
    const known = this.known.get(config.problem);
    if (known !== undefined && truthIsUnknown(events)) await this.giveAnswer(known);
  }

  /** A new run that goes on from a step of the one on screen, with the strategy and budget as set. */
  expandFrom(node: number): void {
    const { view, running } = this.run.getState();
    if (running || view.start === null) return;
    const steps = stepsTo(view, node);
    this.controls.change({ problem: view.start.config.problem });
    this.runNow(steps).catch((thrown: unknown) => this.notices.report(thrown));
  }

  /** The right answer of the problem on screen, as the visitor knows it; null forgets it. Kept with
   * the run, and used for later runs of the same problem in this visit. */
  async giveAnswer(known: string | null): Promise<void> {
    const { id, label, view, running } = this.run.getState();
    if (id === null || running || view.start === null) return;
    const { problem } = view.start.config;
    if (known === null) this.known.delete(problem);
    else this.known.set(problem, known);
    const events = await withTruth(this.recorded, known);
    if (this.run.getState().id !== id) return;
    this.recorded = events;
    this.run.amend(id, events);
    this.rejudge();
    this.keeper.save(id, label, events, true);
  }

  /** Runs if the problem can be run; otherwise leads to the box that says why not. */
  requestRun(): void {
    if (this.pageRun !== null) {
      this.pageRun();
      return;
    }
    const { problem } = this.controls.getState().config;
    if (this.takesAnything() || understand(problem).kind === 'problem') {
      this.runNow().catch((thrown: unknown) => this.notices.report(thrown));
    } else {
      document.getElementById(PROBLEM_BOX_ID)?.focus();
    }
  }

  /** Other models from now on; runs under way are stopped. */
  useModels(choice: ModelChoice): void {
    this.models = choice;
    this.stop();
    this.engine.setState({ status: { phase: 'starting' }, kind: choice.kind });
    this.client.use(choice);
  }

  /** Another backend for the small models, remembered; they load again if it is they that run. */
  useEngine(preference: EnginePreference): void {
    ENGINE_CHOICE.choose(preference);
    this.engine.setState({ preference });
    if (this.models.kind === 'shipped') this.useModels(this.models);
  }

  private engineChanged(status: EngineState): void {
    this.engine.setState({ status });
    if (status.phase !== 'ready') return;
    const warning = status.device?.warning ?? null;
    if (warning === this.engineNotice?.text) return;
    // What was said of an engine before does not hold for another one.
    if (this.engineNotice !== null) this.notices.dismiss(this.engineNotice.id);
    this.engineNotice = warning === null ? null : { text: warning, id: this.notices.tell(warning) };
  }

  /** Language models take any problem in words. */
  private takesAnything(): boolean {
    const { status } = this.engine.getState();
    const { problem } = this.controls.getState().config;
    return status.phase === 'ready' && status.general === true && problem.trim() !== '';
  }

  runWithNextSeed(): void {
    if (this.run.getState().running) return;
    const { seed } = this.controls.getState().config;
    this.controls.change({ seed: (seed + 1) % 4294967296 });
    this.requestRun();
  }

  stop(): void {
    this.stopper?.abort();
  }

  /** Loads the models again after a failure. */
  retryEngine(): void {
    this.engine.setState({ status: { phase: 'starting' } });
    this.client.load();
  }

  async openStored(id: string): Promise<void> {
    await this.guard(async () => {
      const events = await this.keeper.load(id);
      if (events === null) {
        this.notices.tell('That run could not be read any more and was set aside.');
        await this.keeper.refresh();
        return;
      }
      this.show({ source: 'stored', id, label: '', events });
    });
  }

  async forgetStored(id: string): Promise<void> {
    await this.guard(() => this.keeper.forget(id));
  }

  async importFile(file: File): Promise<void> {
    await this.guard(async () => {
      if (this.fileOpener !== null) return this.fileOpener(file);
      const { events } = readRunFile(await file.text());
      const id = crypto.randomUUID();
      this.show({ source: 'imported', id, label: file.name, events });
      this.keeper.save(id, file.name, events, true);
    });
  }

  /** The recorded log of the run on screen: what is exported. */
  recordedEvents(): readonly RunEvent[] {
    return this.recorded;
  }

  /** The address that reproduces the current settings. */
  async link(): Promise<string> {
    const { origin, pathname } = window.location;
    const hash = await compressHash(encodeHash(HOME_PAGE, this.controls.getState().config));
    return `${origin}${pathname}${hash}`;
  }

  private async consume(
    id: string,
    config: RunConfig,
    from: readonly string[],
    signal: AbortSignal,
  ): Promise<ErrorData | null> {
    try {
      for await (const batch of this.client.run(config, signal, from)) {
        this.run.append(id, batch);
        const { events, label } = this.run.getState();
        this.keeper.save(id, label, events, false);
      }
      return null;
    } catch (thrown) {
      return toAppError(thrown).toData();
    }
  }

  private show(run: OpenRun, at: 'end' | 'beginning' = 'end'): void {
    this.stop();
    this.recorded = run.events;
    this.run.open(run, at);
    this.judge.setState(OWN_JUDGE);
    const start = run.events[0];
    if (start?.type === 'start' && run.source !== 'recorded') {
      this.controls.replace(start.config);
    }
  }

  private async showRecording(linked: RunConfig | null): Promise<void> {
    await this.guard(async () => {
      const recording = await fetchRecording();
      // The visitor may have pressed Run, or opened a run, while the file came.
      if (recording === null || this.run.getState().source !== 'none') return;
      const { events, label } = recording;
      this.show({ source: 'recorded', id: null, label, events }, 'beginning');
      this.adoptRecording(events, linked);
    });
  }

  /** Run then repeats what was just seen, unless the visitor or the link has set something else. */
  private adoptRecording(events: readonly RunEvent[], linked: RunConfig | null): void {
    const start = events[0];
    const touched = linked !== null || this.controls.getState().past.length > 0;
    if (start?.type === 'start' && !touched) this.controls.setState({ config: start.config });
  }

  /** After a reload the last run is back, unless the address asks for another one. */
  private async restoreLast(linked: RunConfig | null): Promise<boolean> {
    const last = this.history.getState().runs[0];
    if (last === undefined || this.run.getState().source !== 'none') return false;
    const events = await this.keeper.load(last.id).catch(() => null);
    const start = events?.[0];
    if (events === null || start?.type !== 'start') return false;
    if (linked !== null && !sameRun(linked, start.config)) return false;
    if (this.run.getState().source !== 'none') return true;
    this.show({ source: 'stored', id: last.id, label: '', events });
    if (linked !== null) this.controls.replace(linked);
    return true;
  }

  private async readAddress(): Promise<RunConfig | null> {
    const { config, notices } = decodeHash(await expandHash(window.location.hash));
    for (const notice of notices) this.notices.tell(notice);
    if (config !== null) this.controls.replace(config);
    return config;
  }

  /** The address follows the controls, and the controls follow an address typed by hand. */
  private watchAddress(): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = async (): Promise<void> => {
      const { page } = decodeHash(window.location.hash);
      // The Lab's address holds the Lab's settings.
      if (page === 'lab') return;
      const hash = await compressHash(encodeHash(page, this.controls.getState().config));
      if (hash !== window.location.hash) window.history.replaceState(null, '', hash);
    };
    this.controls.subscribe(() => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.guard(write), 250);
    });
    window.addEventListener('hashchange', () => void this.readAddress());
  }

  /** Selection, aggregation and verifier need no new generation: a finished run is decided anew. */
  private watchSelection(): void {
    this.controls.subscribe(({ config }, before) => {
      const changed =
        config.selection !== before.config.selection ||
        config.aggregation !== before.config.aggregation;
      if (changed) this.rejudge();
    });
    this.judge.subscribe(() => this.rejudge());
  }

  private rejudge(): void {
    const { running, view } = this.run.getState();
    if (running || view.start === null) return;
    const { config } = this.controls.getState();
    const answer = reselectAnswer(this.recorded, config, this.judge.getState());
    if (answer !== null) this.run.replaceAnswer(answer);
  }

  private async guard(operation: () => Promise<void>): Promise<void> {
    try {
      await operation();
    } catch (thrown) {
      this.notices.report(thrown);
    }
  }
}

/** Selection rules can differ: they are applied to a finished run. */
function sameRun(a: RunConfig, b: RunConfig): boolean {
  const { selection, aggregation } = b;
  return sameConfig({ ...a, selection, aggregation }, b);
}
