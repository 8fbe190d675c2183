import { setTimeout as sleep } from 'node:timers/promises';
import type { Stock } from '../stock/stock.ts';
import type { Visitor } from '../stores/contender.ts';
import { Foreground, type Touches } from './foreground.ts';

export interface SweepFigures {
  readonly touches: Touches;
  readonly elapsedMs: number;
  readonly deleted: number;
}

/** A way to get rid of what is dead. Answers how many were deleted. */
export type Sweep = (stock: Stock) => Promise<number>;

/** As a worker does it: batch after batch, with a pause in between, as long as the batch took or longer. */
export function inBatches(limit: number, pauseMs: number): Sweep {
  return async ({ store }) => {
    let deleted = 0;
    for (;;) {
      const startedAt = performance.now();
      const swept = await store.sweep({ target: 'sessions', limit });
      if (!swept.ok) throw new Error(`a sweep was refused: ${swept.reason}`);
      deleted += swept.value.deleted;
      if (!swept.value.more) return deleted;
      await sleep(Math.max(pauseMs, performance.now() - startedAt));
    }
  };
}

/** Sweeps while so many clients touch live sessions. */
export async function sweepBeside(
  stock: Stock,
  live: readonly Visitor[],
  clients: number,
  sweep: Sweep,
): Promise<SweepFigures> {
  const foreground = new Foreground(stock.store, live, clients);
  const startedAt = performance.now();
  const deleted = await sweep(stock);
  const elapsedMs = performance.now() - startedAt;
  return { touches: await foreground.stop(), elapsedMs, deleted };
}

/** The same clients when nothing else happens. */
export function undisturbed(
  stock: Stock,
  live: readonly Visitor[],
  clients: number,
  durationMs: number,
): Promise<SweepFigures> {
  return sweepBeside(stock, live, clients, async () => {
    await sleep(durationMs);
    return 0;
  });
}
