/** A Chromium page with WebGPU, and a small static server for it. Shared by GPU tests and benches. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium } from './chromium.mjs';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
const COMMON_FLAGS = ['--headless=new', '--no-sandbox', '--enable-unsafe-webgpu'];
const ADAPTER_FLAGS = {
  swiftshader: ['--use-webgpu-adapter=swiftshader'],
  default: ['--enable-features=Vulkan', '--ignore-gpu-blocklist'],
};

/** Serves `[url prefix, folder]` pairs, first match wins, on a free port of this machine only. */
export async function serveFolders(mounts) {
  const server = createServer((request, response) => {
    void answer(mounts, request, response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => server.close(),
  };
}

async function answer(mounts, request, response) {
  const path = decodeURIComponent(new URL(request.url, 'http://local').pathname);
  if (path === '/') {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>GPU</title>');
    return;
  }
  const mount = mounts.find(([prefix]) => path.startsWith(prefix));
  const inside = normalize(mount ? path.slice(mount[0].length) : '..');
  try {
    if (inside.startsWith('..')) throw new Error('outside');
    const body = await readFile(join(mount[1], inside));
    response.writeHead(200, {
      'content-type': TYPES[extname(inside)] ?? 'application/octet-stream',
    });
    response.end(body);
  } catch {
    response.writeHead(404);
    response.end();
  }
}

/** `adapter`: `swiftshader` (software, anywhere) or `default` (what the machine has). */
export async function openGpuPage({ adapter, url }) {
  const flags = ADAPTER_FLAGS[adapter];
  if (!flags) throw new Error(`--adapter takes ${Object.keys(ADAPTER_FLAGS).join(', ')}`);
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [...COMMON_FLAGS, ...flags],
  });
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' && /favicon/.test(message.location().url)) return;
    console.error(`[page] ${message.text()}`);
  });
  await page.goto(url);
  return page;
}
