/**
 * Opens the engines of the shipped models, all on one backend, and keeps the account of how it was
 * chosen: what the page shows of the adapter, the reasons, and what was lost on the way. The code of
 * the GPU is a chunk of its own, loaded only where it is asked for.
 */
import { labelOfEngine } from '../engine/engine-label.ts';
import type { EnginePreference } from '../engine/engine-preference.ts';
import type { Engine, EngineCapabilities } from '../engine/engine.ts';
import { createCpuEngine } from '../engine/load-engine.ts';
import type { AdapterReport } from '../engine/webgpu/adapter.ts';
import type { ChosenEngine } from '../engine/webgpu/choose-engine.ts';
import type { WeightsOnGpu } from '../engine/webgpu/model-memory.ts';
import type { RecoveryNotice } from '../engine/webgpu/recovering-engine.ts';
import type { LoadedModel } from '../engine/weights/load-model.ts';
import { isAbort, toAppError } from '../shared/errors.ts';
import type { EngineFacts } from './engine-facts.ts';

export interface EngineRoomOptions {
  readonly preference: EnginePreference;
  /** Default: that of the worker. */
  readonly gpu?: GPU | null;
  /** Called when a GPU was lost and another engine has taken its place. */
  readonly onRecovery: () => void;
}

const SLOW =
  'WebGPU runs on the CPU here (a software adapter), many times slower than the CPU engine.';

export class EngineRoom {
  private readonly engines: Engine[] = [];
  private readonly reasons = new Set<string>();
  private readonly weights = new Map<string, WeightsOnGpu>();
  private adapter: AdapterReport | null = null;
  private warning: string | null = null;
  /** Once one model had to take the CPU, the others follow. */
  private cpuOnly: boolean;

  constructor(private readonly options: EngineRoomOptions) {
    this.cpuOnly = options.preference === 'cpu';
    if (this.cpuOnly) this.reasons.add('The CPU was chosen.');
  }

  /** Throws what the CPU engine throws; a GPU that cannot be had is a reason, not an error. */
  async open(model: LoadedModel): Promise<Engine> {
    const engine = this.cpuOnly ? await createCpuEngine(model) : await this.choose(model);
    this.engines.push(engine);
    this.cpuOnly ||= engine.capabilities.backend === 'cpu';
    return engine;
  }

  /** Of the model that was opened first: the policy. */
  get state(): { backend: string; label: string; device: EngineFacts } {
    const { backend, label } = this.capabilities;
    return { backend, label: labelOfEngine({ backend, label }), device: this.facts };
  }

  async dispose(): Promise<void> {
    await Promise.all(this.engines.splice(0).map((engine) => engine.dispose()));
  }

  private get capabilities(): EngineCapabilities {
    return this.engines[0].capabilities;
  }

  private get facts(): EngineFacts {
    const { preference } = this.options;
    const reasons = [...this.reasons, ...this.weightsSentence];
    if (this.adapter === null) return { preference, adapter: null, reasons, warning: this.warning };
    const { name, software, features, limits } = this.adapter;
    const adapter = { name, software, features: [...features], limits: { ...limits } };
    return { preference, adapter, reasons, warning: this.warning };
  }

  /** Of what lies on the GPU now; none where nothing does. */
  private get weightsSentence(): string[] {
    const held = [...this.weights.values()];
    if (this.capabilities.backend !== 'webgpu' || held.length === 0) return [];
    const megabytes = held.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
    const formats = [...new Set(held.flatMap((weights) => weights.formats))].join(', ');
    return [`Weights in GPU memory: ${megabytes.toFixed(1)} MB (${formats}).`];
  }

  private async choose(model: LoadedModel): Promise<Engine> {
    const { preference, gpu } = this.options;
    const cpu = (): Promise<Engine> => createCpuEngine(model);
    let chosen: ChosenEngine;
    try {
      const { chooseEngine } = await import('../engine/webgpu/choose-engine.ts');
      chosen = await chooseEngine(model, {
        preference,
        cpu,
        ...(gpu === undefined ? {} : { gpu }),
        onAdapter: (report) => (this.adapter = report),
        onWeights: (weights) => this.weights.set(model.id, weights),
        onRecovery: (notice) => {
          if (notice.capabilities.backend !== 'webgpu') this.weights.delete(model.id);
          this.recovered(notice);
        },
      });
    } catch (thrown) {
      if (isAbort(thrown)) throw thrown;
      // Never a dead end: what was forced and cannot be had is said, and the CPU does the work.
      const { message } = toAppError(thrown);
      for (const reason of this.adapter?.reasons ?? []) this.reasons.add(reason);
      this.reasons.add(message);
      if (preference === 'webgpu') {
        this.warning = `WebGPU was chosen but cannot be used: ${message} The CPU runs instead.`;
      }
      return cpu();
    }
    for (const reason of chosen.reasons) this.reasons.add(reason);
    const onGpu = chosen.engine.capabilities.backend === 'webgpu';
    if (onGpu && chosen.adapter?.software) this.warning = SLOW;
    return chosen.engine;
  }

  private recovered({ lost, capabilities }: RecoveryNotice): void {
    const again = capabilities.backend === 'webgpu';
    this.cpuOnly ||= !again;
    this.warning = again
      ? 'The GPU was lost and has been set up again. Runs go on where they were.'
      : 'The GPU was lost for good. The CPU has taken over; runs go on where they were.';
    const { cause } = lost.toData();
    this.reasons.add(
      cause === undefined || cause === '' ? this.warning : `${this.warning} (${cause})`,
    );
    this.options.onRecovery();
  }
}
