/**
 * What a server charges, as the visitor states it: the currency is theirs. Tokens that the server
 * reads from its prefix cache count in full, so a sum is never lower than the bill of a server that
 * charges those less.
 */
import * as z from 'zod/mini';

const perMillion = z.number().check(z.minimum(0), z.maximum(1_000_000));

export const priceSchema = z.object({
  /** For a million prompt tokens. */
  read: perMillion,
  /** For a million completion tokens. */
  written: perMillion,
});

export type Price = z.infer<typeof priceSchema>;

/** null where there is no price. */
export function costOf(
  price: Price | null | undefined,
  promptTokens: number,
  sampledTokens: number,
): number | null {
  if (price === null || price === undefined) return null;
  return (price.read * promptTokens + price.written * sampledTokens) / 1e6;
}
