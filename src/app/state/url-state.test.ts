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
import { compressHash, expandHash } from './packed-hash.ts';
import { decodeHash, encodeHash } from './url-state.ts';

/** As the page writes and reads an address. */
const write = (config: RunConfig) => compressHash(encodeHash('playground', config));
const read = async (hash: string) => decodeHash(await expandHash(hash));

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
  it('brings every config back unchanged and without notices', async () => {
    await fc.assert(
      fc.asyncProperty(anyConfig, async (config) => {
        fc.pre(isWellFormed(config.problem));
        const state = await read(await write(config));
        expect(state).toEqual({ page: 'playground', config, notices: [] });
      }),
    );
  });

  it('compresses long problems', async () => {
    const config = { ...DEFAULT_RUN_CONFIG, problem: 'compute 1+1 '.repeat(150) };
    const hash = await write(config);
    expect(hash.length).toBeLessThan(600);
    expect((await read(hash)).config).toEqual(config);
  });

  it('never throws and never yields an invalid config', async () => {
    const field = fc.tuple(
      fc.constantFrom('problem', 'strategy', 'budget', 'seed', 'temperature', 'width', 'z', 'x'),
      fc.oneof(fc.string(), fc.double().map(String), fc.constant('1e999'), fc.constant('-5')),
    );
    const query = fc.array(field).map((pairs) => `#/playground?${new URLSearchParams(pairs)}`);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), query), async (hash) => {
        const { config } = await read(hash);
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

  it('reports a cut compressed link', async () => {
    const hash = await write({ ...DEFAULT_RUN_CONFIG, problem: 'x+1='.repeat(200) });
    expect(hash).toContain('z=');
    const { config, notices } = await read(hash.slice(0, hash.length - 12));
    expect(config).toBeNull();
    expect(notices).toHaveLength(1);
  });

  it('refuses a compressed hash that unpacks to megabytes', async () => {
    const bomb = deflateSync(new Uint8Array(50_000_000).fill(97), { level: 9 });
    const text = Buffer.from(bomb).toString('base64url');
    expect((await read(`#/playground?z=${text}`)).config).toBeNull();
  });

  it('has no run in a bare address', () => {
    expect(decodeHash('')).toEqual({ page: 'playground', config: null, notices: [] });
    expect(decodeHash('#/lab').page).toBe('lab');
  });
});
