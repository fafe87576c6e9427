/** The registry: one line for each family. Order is the order of reading typed text. */
import { arithmetic } from './arithmetic/arithmetic.ts';
import { countdown } from './countdown/countdown.ts';
import { equation } from './equation/equation.ts';
import type { FamilyId, ProblemFamily } from './family.ts';

export const FAMILIES: readonly ProblemFamily[] = [equation, countdown, arithmetic];

const byId = new Map<string, ProblemFamily>(FAMILIES.map((family) => [family.id, family]));

export function familyById(id: FamilyId): ProblemFamily;
export function familyById(id: string): ProblemFamily | undefined;
export function familyById(id: string): ProblemFamily | undefined {
  return byId.get(id);
}

/** The family and level of a canonical prompt; null for any other text. */
export function familyOf(prompt: string): { family: ProblemFamily; level: string } | null {
  for (const family of FAMILIES) {
    const level = family.levelOf(prompt);
    if (level !== null) return { family, level };
  }
  return null;
}
