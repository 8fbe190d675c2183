import { BareSession } from './bare-session.ts';
import type { Laboratory } from './laboratory.ts';

/** The statement of every arm: one small row, so that what is measured is the way there and back. */
export const SQL = `select 42 as answer, 'mooring' as name`;

export const TENANTS = {
  withoutReuse: 'no-reuse',
  sequential: 'sequential',
  concurrent: ['tenant-1', 'tenant-2', 'tenant-3', 'tenant-4'],
} as const;

/** As many callers as there are sessions: four of each tenant, which is the pool's default. */
export const CALLERS = 16;

export interface Hit {
  readonly totalMs: number;
  /** Of that, outside the SDK's calls. */
  readonly overheadMs: number;
  readonly calls: number;
  /** To the store. */
  readonly roundTrips: number;
  readonly reused: boolean;
}

/** One statement, from its submission to its last row. */
async function runStatement(laboratory: Laboratory, tenantId: string, mode: 'reuse' | 'none'): Promise<boolean> {
  const { warehouse, target } = laboratory;
  const statement = await warehouse.execute({ tenantId, target, sql: SQL, mode });
  let rows = 0;
  for await (const row of statement.rows()) rows += row.length > 0 ? 1 : 0;
  assertOneRow(rows);
  return statement.sessionReused;
}

/** @returns milliseconds */
export async function withoutReuse(laboratory: Laboratory): Promise<number> {
  const startedAt = performance.now();
  await runStatement(laboratory, TENANTS.withoutReuse, 'none');
  return performance.now() - startedAt;
}

/** A statement on a pooled session, with what it cost besides the SDK's calls. Nothing else may run meanwhile. */
export async function withReuse(laboratory: Laboratory): Promise<Hit> {
  laboratory.client.takeSpent();
  const startedAt = performance.now();
  const { value: reused, roundTrips } = await laboratory.store.count(() =>
    runStatement(laboratory, TENANTS.sequential, 'reuse'),
  );
  const totalMs = performance.now() - startedAt;
  const spent = laboratory.client.takeSpent();
  return { totalMs, overheadMs: totalMs - spent.ms, calls: spent.calls, roundTrips, reused };
}

/** The same two calls with the SDK alone. @returns milliseconds */
export async function bareStatement(session: BareSession): Promise<number> {
  const startedAt = performance.now();
  assertOneRow(await session.run(SQL));
  return performance.now() - startedAt;
}

export interface ConcurrentRun {
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
  readonly roundTrips: number;
}

/** Callers that each run statements one after the other, all at once. */
export async function concurrently(
  statementsEach: number,
  run: (caller: number) => Promise<number>,
): Promise<{ readonly latenciesMs: readonly number[]; readonly elapsedMs: number }> {
  const startedAt = performance.now();
  const latenciesMs = await Promise.all(
    Array.from({ length: CALLERS }, async (_, caller) => {
      const own: number[] = [];
      for (let count = 0; count < statementsEach; count += 1) own.push(await run(caller));
      return own;
    }),
  );
  return { latenciesMs: latenciesMs.flat(), elapsedMs: performance.now() - startedAt };
}

export async function concurrentWithReuse(laboratory: Laboratory, statementsEach: number): Promise<ConcurrentRun> {
  let trips = 0;
  const measured = await concurrently(statementsEach, async (caller) => {
    const tenantId = TENANTS.concurrent[caller % TENANTS.concurrent.length] ?? '';
    const startedAt = performance.now();
    const { roundTrips } = await laboratory.store.count(() => runStatement(laboratory, tenantId, 'reuse'));
    trips += roundTrips;
    return performance.now() - startedAt;
  });
  return { ...measured, roundTrips: trips };
}

export function openBareSessions(laboratory: Laboratory): Promise<BareSession[]> {
  const { bare, target } = laboratory;
  return Promise.all(Array.from({ length: CALLERS }, () => BareSession.open(bare.client, target)));
}

function assertOneRow(rows: number): void {
  if (rows !== 1) throw new Error(`a statement answered ${rows} rows, not 1`);
}
