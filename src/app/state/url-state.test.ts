import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import {
  AGGREGATIONS,
  DEFAULT_RUN_CONFIG,
  runConfigSchema,
  SELECTIONS,
  STRATEGIES,
  type RunConfig,
} from '../../shared/run-config.ts';
import { decodeHash, encodeHash } from './url-state.ts';

const anyConfig: fc.Arbitrary<RunConfig> = fc.record({
  problem: fc.string({ maxLength: 2000, unit: 'grapheme' }).map((text) => text.slice(0, 2000)),
  strategy: fc.constantFrom(...STRATEGIES),
  budget: fc.integer({ min: 1, max: 1024 }),
  width: fc.integer({ min: 0, max: 64 }),
  keep: fc.constantFrom('n-over-m' as const, 'm' as const),
  mergeDuplicates: fc.boolean(),
  lookahead: fc.integer({ min: 0, max: 8 }),
  chainLength: fc.integer({ min: 1, max: 256 }),
  selection: fc.constantFrom(...SELECTIONS),
  aggregation: fc.constantFrom(null, ...AGGREGATIONS),
  temperature: fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0),
  seed: fc.integer({ min: 0, max: 4294967295 }),
  policy: fc.string({ maxLength: 200 }),
  verifier: fc.string({ maxLength: 200 }),
});

/** Lone surrogates cannot travel in an address; every other text must come back unchanged. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

describe('the address', () => {
  it('brings every config back unchanged and without notices', () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        fc.pre(isWellFormed(config.problem));
        const state = decodeHash(encodeHash('playground', config));
        expect(state).toEqual({ page: 'playground', config, notices: [] });
      }),
    );
  });

  it('compresses long problems', () => {
    const config = { ...DEFAULT_RUN_CONFIG, problem: 'compute 1+1 '.repeat(150) };
    const hash = encodeHash('playground', config);
    expect(hash.length).toBeLessThan(600);
    expect(decodeHash(hash).config).toEqual(config);
  });

  it('never throws and never yields an invalid config', () => {
    const field = fc.tuple(
      fc.constantFrom('problem', 'strategy', 'budget', 'seed', 'temperature', 'width', 'z', 'x'),
      fc.oneof(fc.string(), fc.double().map(String), fc.constant('1e999'), fc.constant('-5')),
    );
    const query = fc.array(field).map((pairs) => `#/playground?${new URLSearchParams(pairs)}`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), query), (hash) => {
        const { config } = decodeHash(hash);
        if (config !== null) expect(runConfigSchema.safeParse(config).success).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('clamps values out of range and says so', () => {
    const { config, notices } = decodeHash('#/playground?budget=99999&temperature=-1&seed=abc');
    expect(config).toMatchObject({ budget: 1024, temperature: 0, seed: DEFAULT_RUN_CONFIG.seed });
    expect(notices).toHaveLength(3);
    expect(notices[0]).toContain('99999');
  });

  it('replaces an unknown strategy and names it', () => {
    const { config, notices } = decodeHash('#/playground?strategy=<script>');
    expect(config?.strategy).toBe(DEFAULT_RUN_CONFIG.strategy);
    expect(notices[0]).toContain('<script>');
  });

  it('reports a cut compressed link', () => {
    const hash = encodeHash('playground', { ...DEFAULT_RUN_CONFIG, problem: 'x+1='.repeat(200) });
    const { config, notices } = decodeHash(hash.slice(0, hash.length - 12));
    expect(config).toBeNull();
    expect(notices).toHaveLength(1);
  });

  it('refuses a compressed hash that unpacks to megabytes', () => {
    const bomb = deflateSync(new Uint8Array(50_000_000).fill(97), { level: 9 });
    const text = Buffer.from(bomb).toString('base64url');
    expect(decodeHash(`#/playground?z=${text}`).config).toBeNull();
  });

  it('has no run in a bare address', () => {
    expect(decodeHash('')).toEqual({ page: 'playground', config: null, notices: [] });
    expect(decodeHash('#/lab').page).toBe('lab');
  });
});
