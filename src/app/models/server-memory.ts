/** The server form on this device, only where the visitor asked for it. */
import * as z from 'zod/mini';
import { priceSchema } from '../../shared/price.ts';
import { EMPTY_SERVER, type ServerForm } from './models-store.ts';

const NAME = 'overthink-server';

const storedSchema = z.object({
  baseUrl: z.string(),
  key: z.string(),
  policyModel: z.string(),
  verifierModel: z.string(),
  price: z._default(priceSchema, EMPTY_SERVER.price),
});

type Place = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export function recallServer(place: Place): ServerForm {
  try {
    const text = place.getItem(NAME);
    const parsed = text === null ? null : z.safeParse(storedSchema, JSON.parse(text));
    return parsed?.success ? { ...parsed.data, remember: true } : EMPTY_SERVER;
  } catch {
    // Blocked or damaged storage is the same as none.
    return EMPTY_SERVER;
  }
}

/** Keeps it, or forgets what was kept before. */
export function rememberServer(place: Place, { remember, ...server }: ServerForm): void {
  try {
    if (remember) place.setItem(NAME, JSON.stringify(server));
    else place.removeItem(NAME);
  } catch {
    // Private windows refuse; the form works all the same.
  }
}
