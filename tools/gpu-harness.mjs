/**
 * What `vitest` means inside the page that `gpu-test.mjs` opens: the few members that the GPU tests
 * and the shared behaviour suites use, with vitest's own `expect`. Not a general test runner.
 */
import {
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  chai,
  customMatchers,
} from 'vitest-expect';

const DEFAULT_TIMEOUT_MS = 300_000;

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
export const expect = (value, message) => chai.expect(value, message);
Object.assign(expect, chai.expect);
chai.expect.extend(expect, customMatchers);

const root = makeSuite('', null);
let current = root;

function makeSuite(name, parent) {
  return { name, parent, items: [], beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
}

export function describe(name, body) {
  const suite = makeSuite(String(name), current);
  current.items.push(suite);
  const outer = current;
  current = suite;
  body();
  current = outer;
}

export function it(name, first, second) {
  const body = typeof first === 'function' ? first : second;
  const options = typeof first === 'function' ? second : first;
  const timeout = typeof options === 'number' ? options : options?.timeout;
  current.items.push({ name: String(name), body, timeout: timeout ?? DEFAULT_TIMEOUT_MS });
}

/** `%s`, `%d`, `%i`, `%j`, `%o` and `$key`, as vitest fills them. */
function fill(name, args) {
  const only = args.length === 1 && typeof args[0] === 'object' && args[0] !== null ? args[0] : {};
  let next = 0;
  return name
    .replace(/%([sdijo])/g, (_, kind) => {
      const value = args[next++];
      return kind === 'j' || kind === 'o' ? JSON.stringify(value) : String(value);
    })
    .replace(/\$([a-zA-Z]\w*)/g, (whole, key) => (key in only ? String(only[key]) : whole));
}

function each(define) {
  return (cases) => (name, body, options) => {
    for (const entry of cases) {
      const args = Array.isArray(entry) ? entry : [entry];
      define(fill(name, args), () => body(...args), options);
    }
  };
}

describe.each = each(describe);
it.each = each(it);
export const test = it;
export const beforeAll = (hook) => current.beforeAll.push(hook);
export const afterAll = (hook) => current.afterAll.push(hook);
export const beforeEach = (hook) => current.beforeEach.push(hook);
export const afterEach = (hook) => current.afterEach.push(hook);

function withTimeout(promise, ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function runTest(test, path, hooks, report) {
  const started = performance.now();
  let error = null;
  try {
    for (const hook of hooks.before) await hook();
    await withTimeout(Promise.resolve(test.body({})), test.timeout);
  } catch (thrown) {
    error = describeError(thrown);
  }
  for (const hook of hooks.after) {
    await Promise.resolve(hook()).catch((thrown) => (error ??= describeError(thrown)));
  }
  await report({ name: [...path, test.name].join(' > '), ms: performance.now() - started, error });
}

async function runSuite(suite, path, hooks, filter, report) {
  const inner = {
    before: [...hooks.before, ...suite.beforeEach],
    after: [...suite.afterEach, ...hooks.after],
  };
  if (!hasMatch(suite, path, filter)) return;
  let broken = null;
  for (const hook of suite.beforeAll) {
    await Promise.resolve(hook()).catch((thrown) => (broken ??= describeError(thrown)));
  }
  for (const item of suite.items) {
    if ('items' in item) await runSuite(item, [...path, item.name], inner, filter, report);
    else if (!matches([...path, item.name], filter)) continue;
    else if (broken) await report({ name: [...path, item.name].join(' > '), ms: 0, error: broken });
    else await runTest(item, path, inner, report);
  }
  for (const hook of suite.afterAll) {
    await Promise.resolve(hook()).catch((thrown) =>
      report({ name: [...path, 'afterAll'].join(' > '), ms: 0, error: describeError(thrown) }),
    );
  }
}

function matches(path, filter) {
  return filter === '' || path.join(' > ').includes(filter);
}

function hasMatch(suite, path, filter) {
  return suite.items.some((item) =>
    'items' in item
      ? hasMatch(item, [...path, item.name], filter)
      : matches([...path, item.name], filter),
  );
}

function describeError(thrown) {
  if (!(thrown instanceof Error)) return String(thrown);
  const diff =
    'expected' in thrown
      ? `\nexpected ${show(thrown.expected)}\nactual ${show(thrown.actual)}`
      : '';
  const cause = thrown.cause === undefined ? '' : `\ncause: ${thrown.cause}`;
  return `${thrown.stack ?? thrown.message}${diff}${cause}`;
}

function show(value) {
  try {
    return JSON.stringify(value)?.slice(0, 500);
  } catch {
    return String(value);
  }
}

/** Runs what was described in the files imported so far, labelled with their names. */
export async function runAll(files, filter, report) {
  for (const [file, load] of files) {
    root.items.length = 0;
    for (const hooks of ['beforeAll', 'afterAll', 'beforeEach', 'afterEach'])
      root[hooks].length = 0;
    try {
      await load();
    } catch (thrown) {
      await report({ name: `${file} (loading)`, ms: 0, error: describeError(thrown) });
      continue;
    }
    await runSuite(root, [file], { before: [], after: [] }, filter, report);
  }
}
