/** A `Worker` whose other end is a host in the same thread; messages are cloned and delayed as
 * between real threads. */
import { ScriptedPolicy, ScriptedVerifier } from '../../search/testing/scripted-policy.ts';
import { WorkerHost, type HostModels, type HostOptions } from '../host.ts';
import type { EngineReady } from '../protocol.ts';

const READY: EngineReady = {
  phase: 'ready',
  backend: 'cpu',
  label: 'scripted',
  policy: 'scripted',
  verifier: 'scripted',
  modelBytes: 1,
  policyTokensPerSecond: 1000,
  verifierTokensPerSecond: 1000,
  extras: [],
};

export function scriptedModels(policy = new ScriptedPolicy()): HostModels {
  return { policy, verifier: new ScriptedVerifier(), engineLabel: 'scripted', ready: READY };
}

export class LinkedWorker {
  onmessage: ((event: MessageEvent<unknown>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  /** Messages that arrived at the worker. */
  readonly received: unknown[] = [];
  terminated = false;
  private readonly host: WorkerHost;

  constructor(load: HostOptions['load']) {
    const port = { postMessage: (message: unknown) => this.deliver(message) };
    this.host = new WorkerHost({ port, load, clock: () => performance.now() });
  }

  postMessage(message: unknown): void {
    const copy: unknown = structuredClone(message);
    setTimeout(() => {
      if (this.terminated) return;
      this.received.push(copy);
      this.host.receive(copy);
    }, 0);
  }

  terminate(): void {
    this.terminated = true;
  }

  /** What a worker says to the page; also for tests, to say something wrong. */
  deliver(message: unknown): void {
    const data: unknown = structuredClone(message);
    setTimeout(() => {
      if (!this.terminated) this.onmessage?.({ data } as MessageEvent<unknown>);
    }, 0);
  }

  crash(reason: string): void {
    this.onerror?.({ message: reason, preventDefault: () => undefined } as ErrorEvent);
  }
}
