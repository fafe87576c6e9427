/**
 * What only some backends report or charge, as part of a usage or a ledger. Missing is not zero: it
 * is not known.
 */
export interface KnownCosts {
  readonly cachedTokens?: number | undefined;
  readonly cost?: number | undefined;
}

interface Sums {
  cachedTokens?: number;
  cost?: number;
}

/** Each is missing where neither side has it. */
export function addKnown(a: KnownCosts, b: KnownCosts): Sums {
  const cachedTokens = sum(a.cachedTokens, b.cachedTokens);
  const cost = sum(a.cost, b.cost);
  return {
    ...(cachedTokens === undefined ? {} : { cachedTokens }),
    ...(cost === undefined ? {} : { cost }),
  };
}

export function scaleKnown({ cachedTokens, cost }: KnownCosts, factor: number): Sums {
  return {
    ...(cachedTokens === undefined ? {} : { cachedTokens: cachedTokens * factor }),
    ...(cost === undefined ? {} : { cost: cost * factor }),
  };
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}
