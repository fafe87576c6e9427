import { describe, expect, test } from 'vitest';
import { AppError } from '../shared/errors.ts';
import { DEFAULT_RUN_CONFIG } from '../shared/run-config.ts';
import { applySpec, parseStrategySpec, parseStrategySpecs } from './strategy-spec.ts';

describe('strategy names', () => {
  test('carry a selection rule and parameters', () => {
    const spec = parseStrategySpec('beam:best:width=0:keep=m:mergeDuplicates=false');
    expect(applySpec(DEFAULT_RUN_CONFIG, spec)).toEqual({
      ...DEFAULT_RUN_CONFIG,
      strategy: 'beam',
      selection: 'best',
      width: 0,
      keep: 'm',
      mergeDuplicates: false,
    });
    expect(applySpec(DEFAULT_RUN_CONFIG, parseStrategySpec('dvts')).selection).toBe('weighted');
  });

  test('lists drop blanks and repetitions', () => {
    const names = parseStrategySpecs(' beam, best-of-n:majority ,,beam').map(({ name }) => name);
    expect(names).toEqual(['beam', 'best-of-n:majority']);
  });

  test.each(['', 'bean', 'beam:fastest', 'beam:width=1000', 'beam:width=', 'beam:seed=3', ':'])(
    'refuses "%s" with advice',
    (text) => {
      let thrown: unknown;
      try {
        parseStrategySpecs(text);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(AppError);
      expect((thrown as AppError).code).toBe('bad-input');
      expect((thrown as AppError).advice).not.toBe('');
    },
  );
});
