/**
 * What every engine must do, whatever runs it. Runs on the tiny random models of test/fixtures, in
 * Node and in the browser.
 */
import { describe } from 'vitest';
import { describeLifecycle } from './engine-lifecycle.suite.ts';
import { describeReading } from './engine-reading.suite.ts';
import { describeSampling } from './engine-sampling.suite.ts';
import type { EngineUnderTest } from './testing/engine-under-test.ts';

export function describeEngine(name: string, subject: EngineUnderTest): void {
  describe(`${name}: reading`, () => describeReading(subject));
  describe(`${name}: sampling`, () => describeSampling(subject));
  describe(`${name}: lifecycle`, () => describeLifecycle(subject));
}
