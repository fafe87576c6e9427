import { expect, test } from 'vitest';
import { decodeLab, encodeLab } from './lab-link.ts';
import { DEFAULT_SETUP, type LabSetup } from './lab-setup.ts';

const own: LabSetup = {
  ...DEFAULT_SETUP,
  source: 'generated',
  family: 'equation',
  level: 'all',
  strategies: ['beam:best:width=8', 'revise:chainLength=8'],
  budgets: [2, 32],
  temperature: 0.7,
  aggregation: 'min',
  seed: 4294967295,
  workers: 3,
};

test('a set-up comes back from its link; workers stay those of the device', () => {
  for (const setup of [own, DEFAULT_SETUP]) {
    const read = decodeLab(encodeLab(setup), { ...DEFAULT_SETUP, workers: 5 });
    expect(read).toEqual({ setup: { ...setup, workers: 5 }, notices: [] });
  }
});

test('what is wrong in a link is left out and said; other links are none', () => {
  const hash = '#/lab?budgets=4,x&seeds=1e9&strategies=magic,beam&shipped=https://evil.example';
  const read = decodeLab(hash, DEFAULT_SETUP);
  expect(read?.setup).toEqual({ ...DEFAULT_SETUP, strategies: ['beam'] });
  expect(read?.notices).toHaveLength(4);
  expect(decodeLab('#/lab', DEFAULT_SETUP)).toBeNull();
  expect(decodeLab('#/playground?budget=4', DEFAULT_SETUP)).toBeNull();
  expect(decodeLab('#/lab?problem=x&budget=4', DEFAULT_SETUP)).toBeNull();
});
