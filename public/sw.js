/**
 * Makes the page open without a network after the first visit. Files with a hash in their name never
 * change, so the kept copy is taken; everything else comes from the network while there is one.
 * Model weights are not touched: the engine keeps and verifies those itself.
 */
const CACHE = 'overthink-page-1';
const HASHED = /\/assets\//;
const LEFT_ALONE = /\.(safetensors|gguf|bin)$/;
/** Hosts vary their answers by Origin or Encoding; the file is the same. */
const SAME_FILE = { ignoreVary: true };

self.addEventListener('install', (event) => {
  event.waitUntil(keepPage().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

// The page asks at every visit, so that a new version is kept whole and the old one is let go.
self.addEventListener('message', (event) => {
  if (event.data === 'keep-page') event.waitUntil(keepPage().catch(() => undefined));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (LEFT_ALONE.test(url.pathname) || request.headers.has('range')) return;
  if (HASHED.test(url.pathname)) event.respondWith(keptFirst(request));
  else event.respondWith(networkFirst(request));
});

/** Keeps every file of the list that the build wrote, and drops files of older builds. */
async function keepPage() {
  const response = await fetch('./precache.json', { cache: 'no-cache' });
  if (!response.ok) return;
  const { files } = await response.json();
  const cache = await caches.open(CACHE);
  const wanted = files.map((file) => new URL(file, self.registration.scope).href);
  await Promise.all(
    wanted.map(async (url) => {
      if (HASHED.test(url) && (await cache.match(url, SAME_FILE))) return;
      // A file that cannot be had now is taken when it is asked for.
      await cache.add(url).catch(() => undefined);
    }),
  );
  for (const { url } of await cache.keys()) {
    if (HASHED.test(url) && !wanted.includes(url)) await cache.delete(url);
  }
}

async function keptFirst(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, SAME_FILE);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

async function networkFirst(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const ignoreSearch = request.mode === 'navigate';
    const kept = await cache.match(request, { ...SAME_FILE, ignoreSearch });
    if (kept) return kept;
    throw error;
  }
}
