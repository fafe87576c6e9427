import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeModelSource } from '../node-model-source.ts';
import { loadModel } from './load-model.ts';
import type { LoadProgress } from './model-source.ts';

const fixture = fileURLToPath(new URL('../../../test/fixtures/tiny-prm', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-'));
  cpSync(fixture, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

function editConfig(change: Record<string, unknown>): void {
  const path = join(folder, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...config, ...change }));
}

const failure = (code: string) => expect.objectContaining({ code });

describe('loadModel', () => {
  it('reads config, tokenizer and tensors, and reports bytes up to the end', async () => {
    const seen: LoadProgress[] = [];
    const model = await loadModel(nodeModelSource(folder), { onProgress: (p) => seen.push(p) });
    expect(model.config).toMatchObject({ head: 'value', dim: 32, layers: 2, kvHeads: 2 });
    expect(model.tensors.layers[1].down).toHaveLength(32 * 48);
    expect(model.tensors.head).toHaveLength(32);
    expect(model.tensors.headBias).toHaveLength(1);
    expect(model.tokenizer.size).toBe(80);
    const last = seen[seen.length - 1];
    expect(last.loadedBytes).toBe(last.totalBytes);
    for (let i = 1; i < seen.length; i++) {
      expect(seen[i].loadedBytes).toBeGreaterThan(seen[i - 1].loadedBytes);
    }
  });

  it.each(['config.json', 'tokenizer.json', 'model.safetensors'])(
    'says which file is missing: %s',
    async (file) => {
      rmSync(join(folder, file));
      await expect(loadModel(nodeModelSource(folder))).rejects.toThrow(
        expect.objectContaining({ code: 'model-missing', message: expect.stringContaining(file) }),
      );
    },
  );

  it('refuses an unknown architecture by name', async () => {
    editConfig({ architectures: ['GPT2LMHeadModel'] });
    await expect(loadModel(nodeModelSource(folder))).rejects.toThrow(
      expect.objectContaining({
        code: 'model-unsupported',
        message: expect.stringContaining('GPT2LMHeadModel'),
      }),
    );
  });

  it('refuses weights that do not belong to the config', async () => {
    editConfig({ hidden_size: 64 });
    await expect(loadModel(nodeModelSource(folder))).rejects.toThrow(failure('model-corrupt'));
    editConfig({ hidden_size: 32, num_hidden_layers: 3 });
    await expect(loadModel(nodeModelSource(folder))).rejects.toThrow(
      expect.objectContaining({ message: expect.stringContaining('model.layers.2') }),
    );
  });

  it('refuses truncated weights and broken JSON', async () => {
    const weights = join(folder, 'model.safetensors');
    const bytes = readFileSync(weights);
    writeFileSync(weights, bytes.subarray(0, bytes.length - 1));
    await expect(loadModel(nodeModelSource(folder))).rejects.toThrow(failure('model-corrupt'));
    writeFileSync(join(folder, 'config.json'), '{"architectures": [');
    await expect(loadModel(nodeModelSource(folder))).rejects.toThrow(failure('model-corrupt'));
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const loading = loadModel(nodeModelSource(folder), {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(loading).rejects.toThrow(failure('aborted'));
  });
});
