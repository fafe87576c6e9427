/**
 * Parameters of a model by its public name ("Qwen2.5-Math-1.5B-Instruct" → 1.5e9), for FLOPs.
 * 0 where the name does not say.
 */
export function parametersFromName(name: string): number {
  // The size stands alone between separators; "q4f16" and "v0.3" are something else.
  const match = /(?:^|[-_/ .])(\d+(?:\.\d+)?)\s?([bm])(?=$|[-_/ .:])/i.exec(name);
  if (match === null) return 0;
  return Number(match[1]) * (match[2].toLowerCase() === 'b' ? 1e9 : 1e6);
}
