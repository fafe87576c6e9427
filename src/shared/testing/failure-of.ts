/** What a promise fails with, in tests. */
import { expect } from 'vitest';
import { AppError } from '../errors.ts';

/** Fails the test where the promise succeeds, or throws anything but an AppError. */
export async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const thrown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(thrown).toBeInstanceOf(AppError);
  return thrown as AppError;
}
