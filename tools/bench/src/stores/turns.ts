import { inParallel } from './parallel.ts';
import type { Call } from './workload.ts';

/** Calls of one arm: made ready untimed, so many at a time. */
export type PrepareCalls = (count: number) => Promise<Call>;

export interface Block {
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
  /** Sent for them, where requests are counted. */
  readonly requests: number;
}

/** How many requests were sent so far. */
export type CountRequests = () => number;

const uncounted: CountRequests = () => 0;

/** The arms take turns in a concurrent measurement so often. */
const TURNS = 4;

/** Arms 0 to `arms - 1` for the n-th round: another first each time, and there and back, so that none always follows the same. */
export function orderOf(arms: number, round: number): number[] {
  const order = Array.from({ length: arms }, (_, index) => (index + round) % arms);
  return Math.floor(round / arms) % 2 === 0 ? order : order.toReversed();
}

/** One call of each arm at a time, in changing order. The first `warmUp` rounds do not count. */
export async function oneByOne(
  arms: readonly PrepareCalls[],
  warmUp: number,
  count: number,
  requests: CountRequests = uncounted,
): Promise<readonly Block[]> {
  const calls: Call[] = [];
  for (const prepare of arms) calls.push(await prepare(warmUp + count));
  const latencies: number[][] = arms.map(() => []);
  const sent = arms.map(() => 0);
  for (let round = 0; round < warmUp + count; round += 1) {
    for (const arm of orderOf(arms.length, round)) {
      const before = requests();
      const startedAt = performance.now();
      await (calls[arm] as Call)(round);
      const tookMs = performance.now() - startedAt;
      if (round < warmUp) continue;
      latencies[arm]?.push(tookMs);
      sent[arm] = (sent[arm] ?? 0) + requests() - before;
    }
  }
  return latencies.map((latenciesMs, arm) => ({
    latenciesMs,
    elapsedMs: latenciesMs.reduce((sum, ms) => sum + ms, 0),
    requests: sent[arm] ?? 0,
  }));
}

/** Many callers at once on one arm, then on the next, in changing order. The first turn of each does not count. */
export async function manyAtOnce(
  arms: readonly PrepareCalls[],
  callers: number,
  count: number,
  requests: CountRequests = uncounted,
): Promise<readonly Block[]> {
  const each = Math.ceil(count / TURNS);
  const latencies: number[][] = arms.map(() => []);
  const elapsed = arms.map(() => 0);
  const sent = arms.map(() => 0);
  for (let turn = 0; turn <= TURNS; turn += 1) {
    for (const arm of orderOf(arms.length, turn)) {
      const block = await burst(await (arms[arm] as PrepareCalls)(each), callers, each, requests);
      if (turn === 0) continue;
      for (const ms of block.latenciesMs) latencies[arm]?.push(ms);
      elapsed[arm] = (elapsed[arm] ?? 0) + block.elapsedMs;
      sent[arm] = (sent[arm] ?? 0) + block.requests;
    }
  }
  return latencies.map((latenciesMs, arm) => ({
    latenciesMs,
    elapsedMs: elapsed[arm] ?? 0,
    requests: sent[arm] ?? 0,
  }));
}

export async function burst(
  call: Call,
  callers: number,
  count: number,
  requests: CountRequests = uncounted,
): Promise<Block> {
  const latenciesMs: number[] = [];
  const before = requests();
  const startedAt = performance.now();
  const timed = async (index: number): Promise<void> => {
    const calledAt = performance.now();
    await call(index);
    latenciesMs.push(performance.now() - calledAt);
  };
  await inParallel(count, timed, callers);
  return { latenciesMs, elapsedMs: performance.now() - startedAt, requests: requests() - before };
}
