/**
 * What every `Completer` promises, whatever stands behind it: a scripted server, a real one, web-llm.
 * It knows no model, only that the prompt can be continued in many ways.
 */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import type { Completer, Completion, CompletionRequest } from './completer.ts';

const SEEDS = [1_234_567_891, 987_654_321] as const;
const TOKENS = 8;
const PROMPT = 'A list of twelve random words, no two of them alike: ';

/** `open` is called for each test; it may give the same one again. */
export function completerContract(name: string, open: () => Promise<Completer>): void {
  describe(`${name} as a completer`, () => {
    const base: CompletionRequest = {
      prompt: PROMPT,
      stop: [],
      ends: [],
      maxTokens: TOKENS,
      temperature: 1.2,
      seeds: [SEEDS[0]],
    };
    const ask = async (change: Partial<CompletionRequest> = {}): Promise<Completion[]> => {
      const completer = await open();
      const results = await completer.complete({ ...base, ...change });
      for (const result of results) if (result instanceof AppError) throw result;
      return results as Completion[];
    };

    it('gives one completion for each seed, in their order, each with its own draw', async () => {
      const both = await ask({ seeds: SEEDS });
      expect(both).toHaveLength(2);
      expect(both[0].text).not.toBe(both[1].text);
      if (!(await open()).capabilities.reproducible) return;
      for (const [i, seed] of SEEDS.entries()) {
        const [alone] = await ask({ seeds: [seed] });
        expect(alone.text).toBe(both[i].text);
      }
    });

    it('draws nothing at temperature 0', async () => {
      const [one, other] = await ask({ seeds: SEEDS, temperature: 0 });
      expect(one.text).not.toBe('');
      expect(other.text).toBe(one.text);
    });

    it('says when it ran out of tokens, and counts them', async () => {
      const [cut] = await ask({ maxTokens: 3 });
      expect(cut.finish).toBe('length');
      expect(cut.sampledTokens).toBe(3);
      expect(cut.promptTokens).toBeGreaterThan(0);
      expect(cut.cachedTokens).toBeLessThanOrEqual(cut.promptTokens);
    });

    it('ends before a stop string, and what it wrote until then is the same', async () => {
      const [free] = await ask({ temperature: 0 });
      const middle = free.text.length >> 1;
      // Over before the tokens run out: web-llm calls both "length" when they coincide.
      const mark = free.text.slice(middle, middle + 2);
      const [stopped] = await ask({ temperature: 0, stop: [mark] });
      expect(stopped.text).toBe(free.text.slice(0, free.text.indexOf(mark)));
      expect(['stop', 'stop-string']).toContain(stopped.finish);
      expect(stopped.sampledTokens).toBeLessThanOrEqual(free.sampledTokens);
      const [ended] = await ask({ temperature: 0, stop: ['never so'], ends: [mark] });
      expect(ended.text).toBe(stopped.text);
    });

    it('gives probabilities of the very text, or says that it has none', async () => {
      const [{ text, pieces }] = await ask();
      if (pieces === null) return;
      const joined = pieces.map((piece) => piece.text).join('');
      expect(joined.startsWith(text)).toBe(true);
      for (const { logProb } of pieces) expect(logProb).toBeLessThanOrEqual(0);
      expect(pieces.some(({ logProb }) => logProb < 0)).toBe(true);
    });

    it('stops at once when told, and goes on with the next request', async () => {
      const abort = new AbortController();
      const pending = (await open()).complete({ ...base, maxTokens: 500 }, abort.signal);
      abort.abort();
      await expect(pending).rejects.toMatchObject({ code: 'aborted' });
      expect((await ask({ maxTokens: 2 }))[0].sampledTokens).toBe(2);
    });
  });
}
