/**
 * What a visitor can do on the Models page. Knows the browser and the engines, not React. Failures
 * stay beside what failed, with a way on.
 */
import { OpenAiClient } from '../../engine/openai/client.ts';
import { openVerifier } from '../../engine/openai/open.ts';
import { probeServer } from '../../engine/openai/probe.ts';
import { CATALOGUE } from '../../engine/webllm/catalogue.ts';
import { assertUsable, readDeviceFacts } from '../../engine/webllm/device-facts.ts';
import { LOAD_START, nextLoadState, type LoadEvent } from '../../engine/webllm/load-state.ts';
import { ensureModelFiles } from '../../engine/webllm/model-files.ts';
import { customModel } from '../../engine/webllm/open.ts';
import { deleteModel, readQuota, storedModel } from '../../engine/webllm/storage.ts';
import type { ModelChoice } from '../../engine/webllm/webllm-model.ts';
import type { ModelChoice as WorkerModels } from '../../worker/model-choice.ts';
import { isAbort, toAppError } from '../../shared/errors.ts';
import type { Verifier } from '../../verify/verifier.ts';
import { createModelsStore, isDownloading, type ServerForm } from './models-store.ts';
import { recallServer, rememberServer } from './server-memory.ts';

/** Fields of the server form that no test of the connection depends on. */
const UNTESTED = new Set(['price', 'concurrency', 'remember']);

/** A row of the list without what only people read. */
function bare({ id, modelUrl, libUrl, vramMb, parameters }: ModelChoice): ModelChoice {
  return { id, modelUrl, libUrl, vramMb, parameters };
}

export class ModelsDesk {
  readonly store = createModelsStore(recallServer(window.localStorage));
  private readonly stoppers = new Map<string, AbortController>();
  private tester: AbortController | null = null;

  /** Looks at the device and at the disk. */
  async refresh(): Promise<void> {
    const facts = await readDeviceFacts(navigator.gpu);
    const quota = await readQuota(navigator.storage).catch(() => null);
    this.store.setState({ facts, quota });
    await this.readStored();
  }

  /** Everything that can be chosen: the catalogue and what was added by address. */
  entries(): readonly ModelChoice[] {
    return [...CATALOGUE, ...this.store.getState().custom];
  }

  /** Goes on where an earlier download was cut. */
  async download(entry: ModelChoice): Promise<void> {
    if (isDownloading(this.store.getState().downloads[entry.id])) return;
    const stopper = new AbortController();
    this.stoppers.set(entry.id, stopper);
    this.setDownload(entry.id, null);
    try {
      const facts = await readDeviceFacts(navigator.gpu);
      assertUsable(entry, facts);
      // Asked once there is something to lose; a refusal changes nothing.
      await navigator.storage?.persist?.().catch(() => false);
      await ensureModelFiles(entry, {
        fetch: (...args) => fetch(...args),
        caches,
        signal: stopper.signal,
        report: (event) => this.setDownload(entry.id, event),
      });
      this.forgetDownload(entry.id);
    } catch (thrown) {
      if (isAbort(thrown)) this.forgetDownload(entry.id);
      else this.setDownload(entry.id, { type: 'failed', error: toAppError(thrown).toData() });
    } finally {
      this.stoppers.delete(entry.id);
    }
    await this.refresh();
  }

  stopDownload(id: string): void {
    this.stoppers.get(id)?.abort();
  }

  async remove(entry: ModelChoice): Promise<void> {
    const others = this.entries().filter(({ id }) => id !== entry.id);
    await deleteModel(entry, others, caches);
    this.forgetDownload(entry.id);
    await this.refresh();
  }

  /** Throws AppError `bad-input`. */
  addCustom(modelUrl: string, libUrl: string): void {
    const entry = customModel(modelUrl, libUrl);
    const { custom } = this.store.getState();
    this.store.setState({ custom: [...custom.filter(({ id }) => id !== entry.id), entry] });
  }

  /** Models on disk that can judge what another one writes. */
  judges(): readonly ModelChoice[] {
    const { stored } = this.store.getState();
    return this.entries().filter(({ id }) => stored[id]?.complete === true);
  }

  /** `entry` writes; each of the two is in a worker of its own, also where they are one model. */
  choiceFor(entry: ModelChoice): WorkerModels {
    const { judge, contextTokens } = this.store.getState();
    const policy = { ...bare(entry), contextTokens };
    if (judge === 'nobody') return { kind: 'web-llm', policy, verifier: null };
    if (judge === 'likelihood') return { kind: 'web-llm', policy, verifier: 'likelihood' };
    const other = this.judges().find(({ id }) => id === judge);
    const verifier = { ...bare(other ?? entry), contextTokens };
    return { kind: 'web-llm', policy, verifier };
  }

  changeServer(change: Partial<ServerForm>): void {
    const server = { ...this.store.getState().server, ...change };
    const same = Object.keys(change).every((name) => UNTESTED.has(name));
    this.store.setState(same ? { server } : { server, test: { phase: 'untested' } });
    rememberServer(window.localStorage, server);
  }

  /** Lists the models; where one is named, finds out what the server honours. */
  async testServer(): Promise<void> {
    this.tester?.abort();
    const tester = new AbortController();
    this.tester = tester;
    this.store.setState({ test: { phase: 'testing' } });
    try {
      const { server: form } = this.store.getState();
      const { baseUrl, key, policyModel, verifierModel, verifierBaseUrl, verifierKey } = form;
      // One try: whoever tests a connection wants to know, not to wait.
      const retry = { attempts: 1, firstDelayMs: 0, maxDelayMs: 0 };
      const client = new OpenAiClient({ baseUrl, key, retry, silenceMs: 30_000 });
      const named = policyModel.trim();
      const served = named === '' ? await client.models(tester.signal) : [];
      const model = named === '' ? (served[0]?.id ?? '') : named;
      const report = await probeServer(client, model, tester.signal);
      // Where both are one server, whether it has rewards is asked when they are used.
      const apart = verifierBaseUrl.trim() !== '' && verifierModel !== '';
      const own = { verifierModel, verifierBaseUrl, verifierKey };
      const setup = { baseUrl, key, policyModel: model, retry, silenceMs: 30_000, ...own };
      const verifier = apart ? await openVerifier(setup, client, report, tester.signal) : null;
      const { server } = this.store.getState();
      this.store.setState({
        served: report.models,
        server: { ...server, policyModel: model },
        test: { phase: 'works', report, verifier: describeVerifier(verifier) },
      });
    } catch (thrown) {
      if (isAbort(thrown)) return;
      const error = toAppError(thrown).toData();
      this.store.setState({ test: { phase: 'failed', error } });
    }
  }

  private async readStored(): Promise<void> {
    if (typeof caches === 'undefined') return;
    const found = await Promise.all(
      this.entries().map(async (entry) => [entry.id, await storedModel(entry, caches)] as const),
    ).catch(() => []);
    this.store.setState({
      stored: Object.fromEntries(found.flatMap(([id, at]) => (at === null ? [] : [[id, at]]))),
    });
  }

  private setDownload(id: string, event: LoadEvent | null): void {
    const { downloads } = this.store.getState();
    const state = event === null ? LOAD_START : nextLoadState(downloads[id] ?? LOAD_START, event);
    this.store.setState({ downloads: { ...downloads, [id]: state } });
  }

  private forgetDownload(id: string): void {
    const others = Object.entries(this.store.getState().downloads).filter(([own]) => own !== id);
    this.store.setState({ downloads: Object.fromEntries(others) });
  }
}

function describeVerifier(verifier: Verifier | null): string {
  if (verifier === null) return '';
  const { label, perStep } = verifier.capabilities;
  return perStep ? `${label}: scores every step.` : `${label}: scores whole solutions.`;
}
