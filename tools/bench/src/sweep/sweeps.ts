import { setTimeout as sleep } from 'node:timers/promises';
import type { Stock } from '../stock/stock.ts';
import type { Visitor } from '../stores/contender.ts';
import { Foreground, type Touches } from './foreground.ts';

const CLIENTS = 4;

export interface SweepFigures {
  readonly touches: Touches;
  readonly elapsedMs: number;
  readonly deleted: number;
}

/** A way to get rid of what is dead. Answers how many were deleted. */
export type Sweep = (stock: Stock) => Promise<number>;

/** As a worker does it: batch after batch, with a pause in between. */
export function inBatches(limit: number, pauseMs: number): Sweep {
  return async ({ store }) => {
    let deleted = 0;
    for (;;) {
      const swept = await store.sweep({ target: 'sessions', limit });
      if (!swept.ok) throw new Error(`a sweep was refused: ${swept.reason}`);
      deleted += swept.value.deleted;
      if (!swept.value.more) return deleted;
      await sleep(pauseMs);
    }
  };
}

/** Sweeps while clients touch live sessions. */
export async function sweepBeside(stock: Stock, live: readonly Visitor[], sweep: Sweep): Promise<SweepFigures> {
  const foreground = new Foreground(stock.store, live, CLIENTS);
  const startedAt = performance.now();
  const deleted = await sweep(stock);
  const elapsedMs = performance.now() - startedAt;
  return { touches: await foreground.stop(), elapsedMs, deleted };
}

/** The same clients when nothing else happens. */
export function undisturbed(stock: Stock, live: readonly Visitor[], durationMs: number): Promise<SweepFigures> {
  return sweepBeside(stock, live, async () => {
    await sleep(durationMs);
    return 0;
  });
}
