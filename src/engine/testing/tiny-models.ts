/** Engines on the tiny random models of test/fixtures, for tests in Node. */
import { fileURLToPath } from 'node:url';
import { openNodeModel, type OpenModel } from '../node-models.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/', import.meta.url));

export function openTiny(
  name: 'tiny-llama' | 'tiny-prm',
  options: { slots?: number; maxRows?: number } = {},
): Promise<OpenModel> {
  return openNodeModel(fixtures + name, { slots: 4096, maxRows: 64, ...options });
}
