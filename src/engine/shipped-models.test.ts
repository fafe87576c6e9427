import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openNodeModel } from './node-models.ts';
import { parseManifest } from './weights/manifest.ts';

const root = new URL('../../', import.meta.url);
const pathOf = (path: string) => fileURLToPath(new URL(path, root));
const readJson = (path: string): unknown => JSON.parse(readFileSync(pathOf(path), 'utf8'));
const sumOf = (path: string) =>
  createHash('sha256')
    .update(readFileSync(pathOf(path)))
    .digest('hex');

interface Golden {
  readonly model: string;
  readonly sha256: string;
  readonly cases: readonly {
    readonly text: string;
    readonly tokens: readonly number[];
    readonly positions?: readonly number[];
    readonly logits?: readonly (readonly number[])[];
    readonly values?: readonly number[];
  }[];
}

const manifest = parseManifest(readJson('public/models/manifest.json'));
const goldens = readdirSync(pathOf('test/fixtures/golden'))
  .filter((file) => file.endsWith('.json') && !file.startsWith('tiny-'))
  .map((file) => readJson(`test/fixtures/golden/${file}`) as Golden);

describe('shipped models', () => {
  it('are the files that the manifest promises', () => {
    for (const file of manifest.models.flatMap((model) => model.files)) {
      expect([file.path, sumOf(`public/models/${file.path}`)]).toEqual([file.path, file.sha256]);
      expect(readFileSync(pathOf(`public/models/${file.path}`))).toHaveLength(file.bytes);
    }
  });

  it('each have golden values made from the same weights', () => {
    const golden = new Map(goldens.map(({ model, sha256 }) => [model, sha256]));
    for (const { id } of manifest.models) {
      expect([id, golden.get(id)]).toEqual([id, sumOf(`public/models/${id}/model.safetensors`)]);
    }
  });

  it.each(goldens.map((golden) => [golden.model, golden] as const))(
    '%s agrees with Python transformers within 1e-4 on ten texts',
    async (id, golden) => {
      const { model, engine } = await openNodeModel(pathOf(`public/models/${id}`), { slots: 2048 });
      expect(golden.cases.length).toBeGreaterThanOrEqual(10);
      const width = model.config.head === 'value' ? 1 : model.config.vocab;
      let worst = 0;
      for (const { text, tokens, positions, logits, values } of golden.cases) {
        expect(model.tokenizer.encode(text)).toEqual(tokens);
        const [sequence] = await engine.prefill([tokens.slice(0, 1)]);
        engine.truncate(sequence, 0);
        const [outputs] = await engine.score([{ sequence, tokens }]);
        engine.free(sequence);
        const at = positions ?? tokens.map((_, position) => position);
        const rows = logits ?? (values ?? []).map((value) => [value]);
        expect(rows).toHaveLength(at.length);
        at.forEach((position, i) =>
          rows[i].forEach((expected, v) => {
            worst = Math.max(worst, Math.abs(outputs[position * width + v] - expected));
          }),
        );
      }
      expect(worst).toBeLessThan(1e-4);
      await engine.dispose();
    },
  );
});
