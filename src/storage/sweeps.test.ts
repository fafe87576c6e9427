import 'fake-indexeddb/auto';
import * as z from 'zod/mini';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deleteDatabase, openDatabase, type Database } from './database.ts';
import { appendResults, deleteResults, loadResults } from './sweeps.ts';

const schema = z.object({ id: z.string(), correct: z.boolean() });
let database: Database;

beforeEach(async () => {
  database = await openDatabase('test-sweeps');
});

afterEach(async () => {
  database.close();
  await deleteDatabase('test-sweeps');
});

describe('stored sweeps', () => {
  it('come back in the order in which the pieces arrived, apart from other sweeps', async () => {
    await appendResults(database, 'a', [{ id: '1', correct: true }]);
    await appendResults(database, 'b', [{ id: '9', correct: true }]);
    await appendResults(database, 'a', [
      { id: '2', correct: false },
      { id: '3', correct: true },
    ]);
    const results = await loadResults(database, 'a', schema);
    expect(results.map((result) => result.id)).toEqual(['1', '2', '3']);
  });

  it('lose only the damaged results, which are set aside', async () => {
    await appendResults(database, 'a', [{ id: '1', correct: true }, { id: 2 }]);
    await database.add('sweepResults', { sweep: 'a', results: 'gone' });
    expect(await loadResults(database, 'a', schema)).toEqual([{ id: '1', correct: true }]);
    expect(await database.getAll('setAside')).toHaveLength(2);
  });

  it('can be deleted without touching others', async () => {
    await appendResults(database, 'a', [{ id: '1', correct: true }]);
    await appendResults(database, 'b', [{ id: '2', correct: true }]);
    await deleteResults(database, 'a');
    expect(await loadResults(database, 'a', schema)).toEqual([]);
    expect(await loadResults(database, 'b', schema)).toHaveLength(1);
  });
});
