/**
 * The reviser and its verifier are loaded when a run first asks for them: most visitors never revise,
 * and should not pay for it. Once; a failure is forgotten, so that the next run tries again.
 */
import type { SweepModels } from '../eval/sweep.ts';
import type { EngineReady } from './protocol.ts';

export type Reviser = NonNullable<SweepModels['reviser']>;
export type Fetching = NonNullable<EngineReady['fetching']>;
export type OpenReviser = (onProgress: (fetching: Fetching) => void) => Promise<Reviser>;

export class LateReviser {
  private loading: Promise<Reviser> | null = null;

  constructor(private readonly open: OpenReviser) {}

  /** `tell` hears how far it is, and null when it is over either way. Throws AppError. */
  get(tell: (fetching: Fetching | null) => void): Promise<Reviser> {
    this.loading ??= this.load(tell);
    return this.loading;
  }

  private async load(tell: (fetching: Fetching | null) => void): Promise<Reviser> {
    // One of two downloads may still tell of itself when the other has failed.
    let over = false;
    try {
      return await this.open((fetching) => {
        if (!over) tell(fetching);
      });
    } catch (thrown) {
      this.loading = null;
      throw thrown;
    } finally {
      over = true;
      tell(null);
    }
  }
}
