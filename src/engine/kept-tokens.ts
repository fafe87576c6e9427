/**
 * The tokens that may win under top-k and top-p (device.ts, "Sampling"), most probable first; ties
 * in the order of ids.
 */
export function keptTokens(
  logits: ArrayLike<number>,
  temperature: number,
  topK: number,
  topP: number,
): number[] {
  const order = Array.from({ length: logits.length }, (_, v) => v).sort(
    (a, b) => logits[b] - logits[a] || a - b,
  );
  const top = topK > 0 ? order.slice(0, topK) : order;
  if (topP >= 1) return top;
  const weights = top.map((v) => Math.exp((logits[v] - logits[top[0]]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  const needed = weights.findIndex((weight) => (reached += weight / total) >= topP);
  return needed === -1 ? top : top.slice(0, needed + 1);
}
