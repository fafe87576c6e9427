/** What the visitor's tests share: a browser page that records everything it should not do. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { serveChanged, type ChangedFiles, type PageServer } from '../servers/changed-page.ts';

export interface VisitOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** After the `#`, such as `/playground?budget=4`. */
  readonly hash?: string;
  /** Before the `#`, such as `?engine=cpu`. */
  readonly search?: string;
  /** The page comes from a server of this visit, which gives these in place of its own files. */
  readonly files?: ChangedFiles;
  /** Called before the page opens. */
  readonly before?: (page: Page) => Promise<unknown>;
  /** Console errors that this test provokes on purpose. */
  readonly expectedErrors?: RegExp;
  /** Lets the page keep itself for visits without a network. Off by default: a service worker would
   * answer in place of the server. */
  readonly offline?: boolean;
  /** Servers that the visitor names in this test; all other origins stay faults. */
  readonly namedServer?: string | readonly string[];
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Everything that went wrong so far: exceptions, console errors, requests to other origins. */
  readonly faults: string[];
}

export interface Tools {
  readonly browser: Browser;
  readonly baseUrl: string;
  visit(options?: VisitOptions): Promise<Visit>;
}

export interface E2eTest {
  readonly name: string;
  run(tools: Tools): Promise<void>;
}

/** The default settings by name: without them the page adopts those of its recording. */
export const DEFAULT_HASH = '/playground?problem=make+24%3A+4+6+7+8';

/** The built page. */
export const DIST = fileURLToPath(
  new URL(`${process.env.E2E_DIST ?? 'dist'}/`, new URL('../../', import.meta.url)),
);

/** Generous: a test must not fail because the machine is busy. */
const TIMEOUT_MS = 120_000;

/** Tools of one test, and what to call at its end: closes the pages and asserts a clean record. */
export function toolsFor(
  browser: Browser,
  baseUrl: string,
): { tools: Tools; end: () => Promise<void> } {
  const visits: Visit[] = [];
  const servers: PageServer[] = [];
  const visit = async (options: VisitOptions = {}): Promise<Visit> => {
    const own = options.files === undefined ? null : await serveChanged(DIST, options.files);
    if (own !== null) servers.push(own);
    const made = await openVisit(browser, own?.baseUrl ?? baseUrl, options);
    visits.push(made);
    return made;
  };
  const end = async (): Promise<void> => {
    const faults = visits.flatMap((one) => one.faults);
    for (const one of visits) await one.context.close();
    for (const one of servers) await one.close();
    assert.deepEqual(faults, [], 'no exceptions, console errors or foreign requests');
  };
  return { tools: { browser, baseUrl, visit }, end };
}

async function openVisit(browser: Browser, baseUrl: string, options: VisitOptions): Promise<Visit> {
  const { width = 1440, height = 900, dark = false, hash = '', search = '' } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
    serviceWorkers: options.offline === true ? 'allow' : 'block',
  });
  context.setDefaultTimeout(TIMEOUT_MS);
  const page = await context.newPage();
  const faults: string[] = [];
  watch(page, baseUrl, faults, options);
  await options.before?.(page);
  await page.goto(`${baseUrl}${search}${hash === '' ? '' : `#${hash}`}`);
  return { page, context, faults };
}

function watch(page: Page, baseUrl: string, faults: string[], options: VisitOptions): void {
  const { expectedErrors: expected, namedServer } = options;
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() !== 'error' || expected?.test(text)) return;
    faults.push(`console: ${text}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    const own = url.startsWith(baseUrl) || /^(data|blob):/.test(url);
    const named = [namedServer ?? []].flat().some((server) => url.startsWith(server));
    if (!own && !named) faults.push(`foreign request: ${url}`);
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
}

/** Waits until the models run. */
export async function whenReady(page: Page): Promise<void> {
  await page.getByRole('status', { name: 'Engine' }).filter({ hasText: 'tokens/s' }).waitFor();
}

/** Presses Run and waits for the answer of that run. */
export async function runToAnswer(page: Page): Promise<string> {
  const region = page.getByRole('region', { name: 'Answer' });
  const before = await region.getAttribute('data-run');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  // Another run than the one before, and at its end: an earlier answer must not be read.
  await page.waitForFunction((old) => {
    const data = document.querySelector<HTMLElement>('.answer[data-run]')?.dataset;
    return data?.run !== old && data?.status === 'done';
  }, before);
  const answer = region.locator('output');
  await answer.waitFor();
  return (await answer.textContent()) ?? '';
}

/** Waits until what moves on the page has come to rest, and two frames more. */
export async function atRest(page: Page): Promise<void> {
  // No functions with names in here: the loader's helper for them is not on the page.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((one) => Number.isFinite(Number(one.effect?.getComputedTiming().endTime ?? 0)))
        .map(({ finished }) => finished),
    ).then(() => undefined),
  );
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
}

/** The number a pattern's first group finds in a text. */
export function numberIn(text: string | null, pattern: RegExp): number {
  const found = pattern.exec(text ?? '')?.[1];
  assert.ok(found !== undefined, `no ${pattern} in "${text}"`);
  return Number(found.replaceAll(',', ''));
}

/** Local and session storage, cookies, every record of every database, every cached response. */
export function everythingStored(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const texts = [
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      document.cookie,
    ];
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name ?? '');
        request.onsuccess = () => resolve(request.result);
      });
      for (const store of database.objectStoreNames) {
        const all = database.transaction(store).objectStore(store).getAll();
        await new Promise((resolve) => (all.onsuccess = resolve));
        texts.push(JSON.stringify(all.result));
      }
      database.close();
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        texts.push(request.url, (await (await cache.match(request))?.text()) ?? '');
      }
    }
    return texts.join('\n');
  });
}

/** Violations of axe-core on the page as it is, one line each. */
export async function axeViolations(page: Page): Promise<string[]> {
  const require = createRequire(import.meta.url);
  const source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  // Evaluated by the debugger, so the page's content policy does not stand in the way.
  await page.evaluate(source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`,
    );
  });
}

/** Drops a file on the page. */
export async function dropFile(page: Page, name: string, content: string): Promise<void> {
  await page.evaluate(
    ([fileName, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], fileName, { type: 'application/json' }));
      const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
      document.body.dispatchEvent(new DragEvent('dragover', options));
      document.body.dispatchEvent(new DragEvent('drop', options));
    },
    [name, content] as const,
  );
}
