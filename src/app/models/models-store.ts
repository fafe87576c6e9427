/** What the Models page shows: the device, the disk, downloads under way, and the server form. */
import { createStore } from 'zustand/vanilla';
import type { LoadState } from '../../engine/webllm/load-state.ts';
import type { DeviceFacts } from '../../engine/webllm/device-facts.ts';
import type { Quota, StoredModel } from '../../engine/webllm/storage.ts';
import { DEFAULT_CONTEXT_TOKENS } from '../../engine/webllm/catalogue.ts';
import type { ModelChoice } from '../../engine/webllm/webllm-model.ts';
import { DEFAULT_CONCURRENCY } from '../../engine/openai/limiter.ts';
import type { ServedModel } from '../../engine/openai/client.ts';
import type { ProbeReport } from '../../engine/openai/probe.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { Price } from '../../shared/price.ts';

export interface ServerForm {
  readonly baseUrl: string;
  /** In memory only, unless `remember`. Never in a link, an export or a log. */
  readonly key: string;
  readonly policyModel: string;
  /** Empty: answers are chosen by vote. */
  readonly verifierModel: string;
  /** Empty: the same server, and then the key beside it is not used. */
  readonly verifierBaseUrl: string;
  readonly verifierKey: string;
  /** For a million tokens; 0 and 0 is no price. */
  readonly price: Price;
  /** Requests at the same time. */
  readonly concurrency: number;
  readonly remember: boolean;
}

export type ServerTest =
  | { readonly phase: 'untested' }
  | { readonly phase: 'testing' }
  | {
      readonly phase: 'works';
      readonly report: ProbeReport;
      /** What scores and how, in words, where that was asked as well. */
      readonly verifier: string;
    }
  | { readonly phase: 'failed'; readonly error: ErrorData };

/** The model that writes, its own confidence, nobody (answers are chosen by vote), or a model by its
 * id. */
export type TabJudge = 'itself' | 'likelihood' | 'nobody' | (string & {});

export interface ModelsState {
  /** null while the browser is asked. */
  readonly facts: DeviceFacts | null;
  readonly quota: Quota | null;
  /** GPU memory as the visitor states it; the web does not tell. */
  readonly vramMb: number | null;
  readonly custom: readonly ModelChoice[];
  /** Who judges what a model in this tab writes. */
  readonly judge: TabJudge;
  /** Of models in this tab. */
  readonly contextTokens: number;
  /** By model id; missing where nothing is on disk. */
  readonly stored: Readonly<Record<string, StoredModel>>;
  readonly downloads: Readonly<Record<string, LoadState>>;
  readonly server: ServerForm;
  readonly served: readonly ServedModel[];
  readonly test: ServerTest;
}

export const EMPTY_SERVER: ServerForm = {
  baseUrl: '',
  key: '',
  policyModel: '',
  verifierModel: '',
  verifierBaseUrl: '',
  verifierKey: '',
  price: { read: 0, written: 0 },
  concurrency: DEFAULT_CONCURRENCY,
  remember: false,
};

export function createModelsStore(server: ServerForm = EMPTY_SERVER) {
  return createStore<ModelsState>(() => ({
    facts: null,
    quota: null,
    vramMb: null,
    custom: [],
    judge: 'itself',
    contextTokens: DEFAULT_CONTEXT_TOKENS,
    stored: {},
    downloads: {},
    server,
    served: [],
    test: { phase: 'untested' },
  }));
}

/** Whether bytes of this model are on their way. */
export function isDownloading(state: LoadState | undefined): boolean {
  return state !== undefined && state.phase !== 'failed' && state.phase !== 'ready';
}
