import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** No store waits this long for anything, so what has not ended by then never does. */
const NEVER_MS = 15_000;

export async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const never = sleep(NEVER_MS, undefined, { signal: ended.signal, ref: false }).then(
    () => assert.fail(`${what} never ended`),
    () => assert.fail(`${what} ended`),
  );
  try {
    return await Promise.race([promise, never]);
  } finally {
    ended.abort();
    never.catch(() => {});
  }
}

/** The promise must fail with a StoreError, and before long. */
export async function storeErrorOf(what: string, promise: Promise<unknown>): Promise<StoreError> {
  const error = await inTime(
    what,
    promise.then(
      () => assert.fail(`${what} was answered, should fail`),
      (reason: unknown) => reason,
    ),
  );
  assert.ok(error instanceof StoreError, `${what} failed with ${String(error)}, should be a StoreError`);
  return error;
}

/** Tries again as long as the store says that it may help. */
export async function recovered<T>(what: string, call: () => Promise<T>): Promise<T> {
  const until = performance.now() + NEVER_MS;
  for (;;) {
    try {
      return await inTime(what, call());
    } catch (error) {
      if (!(error instanceof StoreError && error.retryable) || performance.now() > until) throw error;
      await sleep(20);
    }
  }
}

export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + NEVER_MS;
  while (!holds()) {
    assert.ok(performance.now() < end, `${what} never came`);
    await sleep(10);
  }
}
