import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deleteDatabase, openDatabase, type Database } from './database.ts';
import { deleteRun, listRuns, loadRun, MAX_RUNS, saveRun } from './runs.ts';
import { SAMPLE_LOG } from './testing/sample-log.ts';

let database: Database;

beforeEach(async () => {
  database = await openDatabase('test-runs');
});

afterEach(async () => {
  database.close();
  await deleteDatabase('test-runs');
});

describe('stored runs', () => {
  it('come back whole, newest first', async () => {
    await saveRun(database, 'a', SAMPLE_LOG, 1);
    await saveRun(database, 'b', { ...SAMPLE_LOG, label: 'second' }, 2);
    const runs = await listRuns(database);
    expect(runs.map((run) => run.id)).toEqual(['b', 'a']);
    expect(runs[1]).toMatchObject({ answer: '18', correct: false, status: 'done', budget: 2 });
    expect(await loadRun(database, 'b')).toEqual({ ...SAMPLE_LOG, label: 'second' });
  });

  it('keep the latest state of a run that is saved while it goes on', async () => {
    const begun = { ...SAMPLE_LOG, events: SAMPLE_LOG.events.slice(0, 5) };
    const summary = await saveRun(database, 'a', begun, 1);
    expect(summary.status).toBe('interrupted');
    await saveRun(database, 'a', SAMPLE_LOG, 2);
    expect(await listRuns(database)).toHaveLength(1);
    expect((await loadRun(database, 'a'))?.events).toHaveLength(SAMPLE_LOG.events.length);
  });

  it('that are damaged are set aside and hide no other', async () => {
    await saveRun(database, 'good', SAMPLE_LOG, 1);
    await saveRun(database, 'bad', SAMPLE_LOG, 2);
    await database.put('runs', { id: 'bad', savedAt: 2, problem: 42 });
    expect((await listRuns(database)).map((run) => run.id)).toEqual(['good']);
    await database.put('logs', { events: 'none' }, 'good');
    expect(await loadRun(database, 'good')).toBeNull();
    expect(await database.getAll('setAside')).toMatchObject([
      { from: 'runs', record: { problem: 42 } },
      { from: 'logs', record: { events: 'none' } },
    ]);
    expect(await listRuns(database)).toEqual([]);
  });

  it('beyond the limit are forgotten, oldest first', async () => {
    for (let i = 0; i <= MAX_RUNS; i++) await saveRun(database, `run-${i}`, SAMPLE_LOG, i);
    const runs = await listRuns(database);
    expect(runs).toHaveLength(MAX_RUNS);
    expect(await loadRun(database, 'run-0')).toBeNull();
    expect(runs.at(-1)?.id).toBe('run-1');
  });

  it('can be deleted', async () => {
    await saveRun(database, 'a', SAMPLE_LOG, 1);
    await deleteRun(database, 'a');
    expect(await loadRun(database, 'a')).toBeNull();
    expect(await listRuns(database)).toEqual([]);
  });

  it('report a closed database as a storage error', async () => {
    database.close();
    await expect(listRuns(database)).rejects.toMatchObject({ code: 'storage' });
    database = await openDatabase('test-runs');
  });
});
