/** `--engine webgpu`. Its package is no dependency: where it is missing the advice is tested, where it
 * is there the answer. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 600_000 });

const root = fileURLToPath(new URL('../..', import.meta.url));
const TINY = ['--models', join(root, 'test/fixtures'), '--policy', 'tiny-llama'];

function solve(engine: string) {
  const problem = ['--problem', 'make 24: 4 6 7 8', '--budget', '2', '--seed', '3'];
  const args = ['solve', ...TINY, '--verifier', 'tiny-prm', ...problem, '--engine', engine];
  const node = ['--import', 'tsx', join(root, 'src/cli/main.ts'), ...args, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, node, {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stderr, document: JSON.parse(stdout) as Record<string, unknown> };
}

function installed(): boolean {
  try {
    createRequire(import.meta.url).resolve('webgpu');
    return true;
  } catch {
    return false;
  }
}

/** What must not depend on the backend. */
const answerOf = ({ document: { answer, text, candidates } }: ReturnType<typeof solve>) => ({
  answer,
  text,
  texts: (candidates as { text: string }[]).map((candidate) => candidate.text),
});

describe('--engine webgpu', () => {
  test('gives the answer of --engine cpu, or says what is missing', () => {
    const gpu = solve('webgpu');
    if (gpu.status === 0) {
      expect(answerOf(gpu)).toEqual(answerOf(solve('cpu')));
      expect(gpu.stderr).toMatch(/tiny-llama runs on /);
      return;
    }
    expect(gpu.status).toBe(1);
    const advice = installed() ? 'Vulkan driver' : 'npm install --no-save webgpu';
    expect(gpu.document).toMatchObject({
      error: { code: 'no-webgpu', advice: expect.stringContaining(advice) as string },
    });
  });
});
