import { expect, it } from 'vitest';
import { errorDataSchema } from '../../shared/error-schema.ts';
import { AppError } from '../../shared/errors.ts';
import { errorInside, isAbsent, isBusy, statusFault } from './faults.ts';

it.each([
  [400, false, false],
  [401, false, false],
  [404, false, true],
  [405, false, true],
  [429, true, false],
  [500, false, false],
  [501, false, true],
  [503, true, false],
])('status %d: busy %s, absent %s, by number', (status, busy, absent) => {
  const { error } = statusFault(status, 'some words', null, 0);
  expect([isBusy(error), isAbsent(error)]).toEqual([busy, absent]);
  // The same at the other side of a worker's border.
  const crossed = AppError.fromData(errorDataSchema.parse(structuredClone(error.toData())));
  expect(crossed.status).toBe(status);
  expect([isBusy(crossed), isAbsent(crossed)]).toEqual([busy, absent]);
});

it('the words of a server are not taken for a status', () => {
  const said = errorInside('HTTP 503: HTTP 404', false);
  expect([isBusy(said), isAbsent(said), said.status]).toEqual([false, false, undefined]);
  expect(said.toData()).not.toHaveProperty('status');
});

it('a status that is no number does not cross', () => {
  const data = statusFault(503, '', null, 0).error.toData();
  expect(errorDataSchema.safeParse({ ...data, status: '503' }).success).toBe(false);
  expect(errorDataSchema.safeParse({ ...data, code: 'surprise' }).success).toBe(false);
});
