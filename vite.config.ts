import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * Code comes from the page's own origin only; WASM may be compiled, text is never evaluated. Data may
 * come from elsewhere, because visitors name servers and catalogue models of their own; the page asks
 * nobody else by itself (test/e2e/harness.ts counts foreign requests as faults).
 */
const CONTENT_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self' https: http:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The policy as a meta tag, in builds only: the dev server injects inline scripts of its own. */
function contentPolicy(): Plugin {
  return {
    name: 'content-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** Larger files (language-model libraries) are kept when they are first used. */
const PRECACHE_BYTES = 600_000;
const PRECACHE_PUBLIC = [
  './',
  'icon.svg',
  'app.webmanifest',
  'models/manifest.json',
  'curves/measured.json',
  'curves/compute-optimal.json',
  'recordings/demo.json',
  'problems/test-100.jsonl',
];

/** The list of files that `public/sw.js` keeps for visits without a network. */
function precacheList(): Plugin {
  return {
    name: 'precache-list',
    apply: 'build',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle)
        .filter((file) => (file.type === 'chunk' ? file.code : file.source).length < PRECACHE_BYTES)
        .map((file) => file.fileName)
        .filter((name) => name.startsWith('assets/'));
      this.emitFile({
        type: 'asset',
        fileName: 'precache.json',
        source: JSON.stringify({ files: [...PRECACHE_PUBLIC, ...files] }),
      });
    },
  };
}

export default defineConfig({
  plugins: [react(), contentPolicy(), precacheList()],
  // Relative base: the built page works from any folder of a static host.
  base: './',
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0 },
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'test/unit/**/*.test.ts'],
    exclude: ['**/*.gpu.test.ts', 'node_modules/**'],
    environment: 'node',
    // For what hangs, not for what is slow: a busy machine takes half a minute for a property.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
