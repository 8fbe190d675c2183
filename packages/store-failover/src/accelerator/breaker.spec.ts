import { expect, it } from '@jest/globals';
import { VirtualTimer } from '../virtual-timer.fixture.ts';
import { Breaker } from './breaker.ts';

function breakerOf(random = 1): { readonly breaker: Breaker; readonly timer: VirtualTimer } {
  const timer = new VirtualTimer();
  const settings = { failuresToOpen: 3, firstRetryMs: 1000, longestRetryMs: 30_000, timer, random: () => random };
  return { breaker: new Breaker(settings), timer };
}

/** Fails the probe, and says how long it takes until the next one is let through. */
async function openFor(breaker: Breaker, timer: VirtualTimer): Promise<number> {
  breaker.failed();
  const openedAt = timer.now();
  while (!breaker.letsThrough()) await timer.wait(1);
  return timer.now() - openedAt;
}

it('lets the first call through, and no other until it has an outcome', () => {
  const { breaker } = breakerOf();
  expect([breaker.letsThrough(), breaker.letsThrough(), breaker.isClosed]).toEqual([true, false, false]);
  breaker.succeeded();
  expect([breaker.letsThrough(), breaker.letsThrough(), breaker.isClosed]).toEqual([true, true, true]);
});

it('opens after three failures in a row, not after three in all', () => {
  const { breaker } = breakerOf();
  breaker.letsThrough();
  breaker.succeeded();
  for (let round = 0; round < 5; round++) {
    breaker.failed();
    breaker.failed();
    breaker.succeeded();
  }
  expect(breaker.letsThrough()).toBe(true);
  for (let failure = 0; failure < 3; failure++) breaker.failed();
  expect([breaker.isClosed, breaker.letsThrough()]).toEqual([false, false]);
});

it('waits a second, then twice as long each time, to half a minute', async () => {
  const { breaker, timer } = breakerOf();
  expect(breaker.letsThrough()).toBe(true);
  const waits: number[] = [];
  for (let probe = 0; probe < 7; probe++) waits.push(await openFor(breaker, timer));
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  breaker.succeeded();
  for (let failure = 0; failure < 2; failure++) breaker.failed();
  expect(await openFor(breaker, timer)).toBe(1000);
});

it('varies its waits by a half', async () => {
  const { breaker, timer } = breakerOf(0);
  breaker.letsThrough();
  expect(await openFor(breaker, timer)).toBe(500);
});

it('ignores what was sent before it opened', () => {
  const { breaker } = breakerOf();
  breaker.letsThrough();
  breaker.failed();
  breaker.succeeded();
  expect([breaker.isClosed, breaker.letsThrough()]).toEqual([false, false]);
});

it('tries at once when there is reason to', () => {
  const { breaker } = breakerOf();
  breaker.letsThrough();
  breaker.failed();
  breaker.retrySoon();
  expect([breaker.letsThrough(), breaker.letsThrough()]).toEqual([true, false]);
});
