/** Which problems belong to which split: a hash of the prompt, as in `training/split.py`. */
import { familyOf } from './families.ts';
import { sha256 } from '../shared/sha256.ts';

export type Split = 'test' | 'validation' | 'label' | 'train';

/** `prompt`: canonical. Countdown problems that differ by order share a split. */
export function splitOf(prompt: string): Split {
  const key = familyOf(prompt)?.family.splitKey(prompt) ?? prompt;
  const bucket = parseInt(sha256(key).slice(0, 8), 16) % 100;
  if (bucket < 4) return 'test';
  if (bucket < 6) return 'validation';
  return bucket < 20 ? 'label' : 'train';
}
