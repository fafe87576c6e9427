/**
 * Which backend the visitor wants for the small models: `?engine=` of the address for this visit,
 * else what this browser remembers, else `auto`. It belongs to the device, not to a run, so links
 * to runs do not carry it.
 */
import * as z from 'zod/mini';
import type { EnginePreference } from '../../engine/engine-preference.ts';
import { enginePreferenceSchema } from '../../worker/engine-facts.ts';

const NAME = 'overthink-engine';
const PARAMETER = 'engine';

export interface EnginePlaces {
  readonly storage: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly search: () => string;
  /** Puts another query string into the address. */
  readonly setSearch: (search: string) => void;
}

export class EngineChoice {
  /** What is wrong with the address, a sentence; null when nothing is. */
  readonly notice: string | null;
  private wanted: EnginePreference;

  constructor(private readonly places: EnginePlaces) {
    const asked = new URLSearchParams(places.search()).get(PARAMETER);
    const parsed = asked === null ? null : z.safeParse(enginePreferenceSchema, asked);
    this.wanted = parsed?.success ? parsed.data : this.recall();
    this.notice =
      parsed?.success === false
        ? `The address asks for an engine that does not exist; ${this.wanted} is used.`
        : null;
  }

  get preference(): EnginePreference {
    return this.wanted;
  }

  /** Also takes the word of the address away, which would win at the next visit. */
  choose(preference: EnginePreference): void {
    this.wanted = preference;
    const query = new URLSearchParams(this.places.search());
    if (query.has(PARAMETER)) {
      query.delete(PARAMETER);
      this.places.setSearch(query.size > 0 ? `?${query.toString()}` : '');
    }
    try {
      const storage = this.places.storage();
      if (preference === 'auto') storage.removeItem(NAME);
      else storage.setItem(NAME, preference);
    } catch {
      // Private windows refuse; the choice then holds for this visit.
    }
  }

  private recall(): EnginePreference {
    try {
      const parsed = z.safeParse(enginePreferenceSchema, this.places.storage().getItem(NAME));
      return parsed.success ? parsed.data : 'auto';
    } catch {
      return 'auto';
    }
  }
}
