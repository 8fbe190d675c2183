import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '@mooring/session-store';
import type { Result, StoreBackend, StoreErrorCode } from '@mooring/session-store';
import type { ConformanceHarness, Trial } from './harness.ts';
import type { FaultLine } from './powers.ts';

const STEP_MS = 250;
const PAUSE_MS = 20;

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

/** What has not ended by then never does. */
export async function inTime<T>({ harness }: Trial, what: string, promise: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const never = outlasted(harness, ended.signal).then(
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

/** The end of the harness's patience, in steps: a step in which this process stood still counts as one. */
async function outlasted(harness: ConformanceHarness, signal: AbortSignal): Promise<void> {
  for (let steps = patienceOf(harness) / STEP_MS; steps > 0; steps -= 1) {
    await sleep(STEP_MS, undefined, { signal, ref: false });
  }
}

/** The promise must fail with a StoreError, and before long. */
export async function storeErrorOf(trial: Trial, what: string, promise: Promise<unknown>): Promise<StoreError> {
  const error = await inTime(
    trial,
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
export async function recovered<T>(trial: Trial, what: string, call: () => Promise<T>): Promise<T> {
  for (let tries = patienceOf(trial.harness) / PAUSE_MS; ; tries -= 1) {
    try {
      return await inTime(trial, what, call());
    } catch (error) {
      if (!(error instanceof StoreError && error.retryable) || tries <= 0) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** A client over a line that is whole. Its limits on waiting are short, so opening it may take more than one try. */
export async function openedOver(trial: Trial, line: FaultLine): Promise<StoreBackend> {
  const { namespace, clock } = trial;
  return trial.keep(await recovered(trial, 'opening', () => line.open({ namespace, clock })));
}

export async function until({ harness }: Trial, what: string, holds: () => boolean): Promise<void> {
  for (let looks = patienceOf(harness) / PAUSE_MS; !holds(); looks -= 1) {
    assert.ok(looks > 0, `${what} never came`);
    await sleep(PAUSE_MS);
  }
}

/** By default longer than any store should make its callers wait, on a machine that others keep busy. */
function patienceOf({ patienceMs = 60_000 }: ConformanceHarness): number {
  return patienceMs;
}
