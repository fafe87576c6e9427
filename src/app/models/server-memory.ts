/**
 * The server form on this device. Address, key and models only where the visitor asked for it; prices
 * and the limit on requests always, so that they need not be typed again with every key.
 */
import * as z from 'zod/mini';
import { priceSchema } from '../../shared/price.ts';
import { MAX_CONCURRENCY } from '../../engine/openai/limiter.ts';
import { EMPTY_SERVER, type ServerForm } from './models-store.ts';

const NAME = 'overthink-server';

const keptSchema = z.object({
  price: z._default(priceSchema, EMPTY_SERVER.price),
  concurrency: z._default(
    z.int().check(z.minimum(1), z.maximum(MAX_CONCURRENCY)),
    EMPTY_SERVER.concurrency,
  ),
});

const rememberedSchema = z.extend(keptSchema, {
  baseUrl: z.string(),
  key: z.string(),
  policyModel: z.string(),
  verifierModel: z.string(),
  verifierBaseUrl: z._default(z.string(), ''),
  verifierKey: z._default(z.string(), ''),
});

type Place = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export function recallServer(place: Place): ServerForm {
  try {
    const json: unknown = JSON.parse(place.getItem(NAME) ?? 'null');
    const remembered = z.safeParse(rememberedSchema, json);
    if (remembered.success) return { ...remembered.data, remember: true };
    const kept = z.safeParse(keptSchema, json);
    return kept.success ? { ...EMPTY_SERVER, ...kept.data } : EMPTY_SERVER;
  } catch {
    // Blocked or damaged storage is the same as none.
    return EMPTY_SERVER;
  }
}

/** Keeps it, or forgets all but the prices and the limit. */
export function rememberServer(place: Place, { remember, ...server }: ServerForm): void {
  const { price, concurrency } = server;
  try {
    place.setItem(NAME, JSON.stringify(remember ? server : { price, concurrency }));
  } catch {
    // Private windows refuse; the form works all the same.
  }
}
