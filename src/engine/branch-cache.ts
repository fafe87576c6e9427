/**
 * The open sequences that stand behind branches. A branch without one is read anew from its nearest
 * ancestor that has one, or from its prompt.
 */
import type { Branch } from '../shared/branch.ts';
import type { Engine, Sequence } from './engine.ts';

export class BranchCache {
  private readonly sequences = new Map<Branch, Sequence>();

  constructor(private readonly engine: Engine) {}

  get(branch: Branch): Sequence | undefined {
    return this.sequences.get(branch);
  }

  /** Takes ownership; an earlier sequence of the branch is freed. */
  set(branch: Branch, sequence: Sequence): void {
    this.delete(branch);
    this.sequences.set(branch, sequence);
  }

  delete(branch: Branch): void {
    const sequence = this.sequences.get(branch);
    if (sequence === undefined) return;
    this.sequences.delete(branch);
    this.engine.free(sequence);
  }

  /** Frees every sequence: all can be read anew. True if there was one. */
  clear(): boolean {
    const any = this.sequences.size > 0;
    for (const branch of [...this.sequences.keys()]) this.delete(branch);
    return any;
  }
}
