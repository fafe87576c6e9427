/** What stands behind the Run button: loading, ready or failed. */
import { createStore } from 'zustand/vanilla';
import type { EnginePreference } from '../../engine/engine-preference.ts';
import type { ModelChoice } from '../../worker/model-choice.ts';
import type { EngineState } from '../../worker/protocol.ts';
import { formatAbout, formatBytes } from '../ui/format.ts';

export type EngineStatus = { readonly phase: 'starting' } | EngineState;

export interface EngineView {
  readonly status: EngineStatus;
  /** Backend that the visitor wants for the small models. */
  readonly preference: EnginePreference;
  /** Of the models that were chosen last, also while they load and when they fail. */
  readonly kind: ModelKind;
}

type ModelKind = ModelChoice['kind'];

const NAMES: Record<ModelKind, string> = {
  shipped: 'Small models',
  server: 'Server',
  'web-llm': 'Language model',
};

export function createEngineStore(preference: EnginePreference) {
  return createStore<EngineView>(() => ({
    status: { phase: 'starting' },
    preference,
    kind: 'shipped',
  }));
}

/** The text of the chip: what runs, where, how fast; or how far loading has come. */
export function describeEngine(status: EngineStatus, kind: ModelKind): string {
  switch (status.phase) {
    case 'starting':
      return `${NAMES[kind]} · starting`;
    case 'loading':
      return `${NAMES[kind]} · ${describeLoading(status)}`;
    case 'ready': {
      if (status.general)
        return `${status.policy} · ${formatAbout(status.policyTokensPerSecond)} tokens/s`;
      const backend = status.backend === 'cpu' ? 'CPU' : status.label;
      const speed = formatAbout(status.policyTokensPerSecond);
      const more =
        status.fetching === undefined
          ? ''
          : ` · reviser ${describeLoading({ phase: 'loading', ...status.fetching })}`;
      return `Small models · ${backend} · ${speed} tokens/s${more}`;
    }
    case 'failed':
      return `${NAMES[kind]} · not available`;
  }
}

export function describeLoading(state: Extract<EngineState, { phase: 'loading' }>): string {
  const loaded = formatBytes(state.loadedBytes);
  const total = formatBytes(state.totalBytes);
  switch (state.step) {
    case 'connecting':
      return 'connecting';
    case 'from-disk':
      return 'reading from disk';
    case 'to-gpu':
      return 'uploading to the GPU';
    case 'downloading':
      return state.totalBytes > 0 ? `downloading ${loaded} of ${total}` : 'downloading';
    case 'verifying':
      return 'verifying';
    case 'compiling':
      return 'compiling';
    case 'measuring':
      return 'measuring speed';
  }
}
