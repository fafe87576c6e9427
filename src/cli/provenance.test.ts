import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fingerprint } from './provenance.ts';

const TINY = fileURLToPath(new URL('../../test/fixtures/tiny-prm', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'overthink-'));
  cpSync(TINY, join(folder, 'prm'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

function change(more: object): void {
  const path = join(folder, 'prm', 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...config, ...more }));
}

it('is that of the weights, and of those for the policy’s confidence', () => {
  const weights = { scale: 0.8, step: 1, solution: 0.9, bias: -0.1 };
  const plain = fingerprint(folder, 'prm');
  expect(plain).toMatch(/^[0-9a-f]{12}$/);
  change({ unheard_of: true });
  expect(fingerprint(folder, 'prm')).toBe(plain);
  change({ policy_confidence: weights });
  const joined = fingerprint(folder, 'prm');
  expect(joined).not.toBe(plain);
  change({ policy_confidence: { ...weights, step: 2 } });
  expect(fingerprint(folder, 'prm')).not.toBe(joined);
  writeFileSync(join(folder, 'prm', 'model.safetensors'), 'other');
  change({ policy_confidence: weights });
  expect(fingerprint(folder, 'prm')).not.toBe(joined);
});

it('is nothing where there are no weights', () => {
  expect(fingerprint(folder, 'orm')).toBeNull();
});
