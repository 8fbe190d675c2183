import assert from 'node:assert/strict';
import { StoreError } from '@mooring/session-store';
import type { Result, StoreBackend, StoreErrorCode } from '@mooring/session-store';
import type { Trial } from './harness.ts';

export function accepted<T>(result: Result<T, string>): T {
  assert.ok(result.ok, `was refused: ${result.ok ? '' : result.reason}`);
  return result.value;
}

export function refusedAs(result: Result<unknown, string>, ...reasons: readonly string[]): void {
  assert.ok(!result.ok, `was accepted, should be refused as ${reasons.join(' or ')}`);
  assert.ok(reasons.includes(result.reason), `was refused as ${result.reason}, should be ${reasons.join(' or ')}`);
}

/** The promise must fail with a StoreError of this code. */
export async function failsWith(code: StoreErrorCode, promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.then(
    () => assert.fail(`was accepted, should fail with ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StoreError, `failed with ${String(error)}, should be a StoreError`);
  assert.equal(error.code, code, `failed with ${error.code} (${error.message}), should be ${code}`);
  return error;
}

/** Starts `count` calls at once, alternating between both clients. */
export function parallel<T>(
  trial: Trial,
  count: number,
  call: (store: StoreBackend, index: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => call(index % 2 === 0 ? trial.store : trial.second, index)),
  );
}

export function countOf<T>(items: readonly T[], matches: (item: T) => boolean): number {
  return items.filter(matches).length;
}
