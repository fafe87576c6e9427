/** What the visitor has set, with undo. Always a valid RunConfig: values are clamped on entry. */
import { createStore } from 'zustand/vanilla';
import {
  DEFAULT_RUN_CONFIG,
  MAX_PROBLEM_LENGTH,
  runConfigSchema,
  type RunConfig,
} from '../../shared/run-config.ts';

const MAX_UNDO = 100;

export interface ControlsState {
  readonly config: RunConfig;
  /** Earlier settings, the latest last. */
  readonly past: readonly RunConfig[];
  /** The field of the last change: typing on in one field is one step of undo. */
  readonly lastField: string | null;
}

export function createControlsStore(initial: RunConfig = DEFAULT_RUN_CONFIG) {
  const store = createStore<ControlsState>(() => ({ config: initial, past: [], lastField: null }));
  const { getState, setState } = store;

  function move(config: RunConfig, field: string | null): void {
    const state = getState();
    const continues = field !== null && field === state.lastField;
    const past = continues ? state.past : [...state.past, state.config].slice(-MAX_UNDO);
    setState({ config, past, lastField: field });
  }

  return {
    ...store,

    /** Changes fields. A value that the schema refuses changes nothing. */
    change(patch: Partial<RunConfig>): void {
      const fields = Object.keys(patch);
      const problem = patch.problem?.slice(0, MAX_PROBLEM_LENGTH);
      const wanted = {
        ...getState().config,
        ...patch,
        ...(problem === undefined ? {} : { problem }),
      };
      const parsed = runConfigSchema.safeParse(wanted);
      if (!parsed.success || sameConfig(parsed.data, getState().config)) return;
      move(parsed.data, fields.length === 1 ? (fields[0] ?? null) : null);
    },

    /** Replaces all settings at once (an example, a link, a stored run); one step of undo. */
    replace(config: RunConfig): void {
      if (!sameConfig(config, getState().config)) move(config, null);
    },

    /** The next change is a step of undo of its own. */
    settle(): void {
      setState({ lastField: null });
    },

    undo(): void {
      const { past } = getState();
      const config = past.at(-1);
      if (config !== undefined) setState({ config, past: past.slice(0, -1), lastField: null });
    },

    /** Everything but the problem goes back to the default. */
    reset(): void {
      const { problem } = getState().config;
      const config = { ...DEFAULT_RUN_CONFIG, problem };
      if (!sameConfig(config, getState().config)) move(config, null);
    },
  };
}

export function sameConfig(a: RunConfig, b: RunConfig): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
