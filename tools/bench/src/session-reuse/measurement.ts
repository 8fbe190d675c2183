import {
  bareStatement,
  concurrently,
  concurrentWithReuse,
  openBareSessions,
  TENANTS,
  withoutReuse,
  withReuse,
  type ConcurrentRun,
  type Hit,
} from './arms.ts';
import type { BareSession } from './bare-session.ts';
import type { Laboratory } from './laboratory.ts';
import type { Counts } from './session-counts.ts';

export interface Sizes {
  /** Statements of each of the interleaved arms in a run: with reuse, and bare. */
  readonly sequential: number;
  /** One statement without reuse comes after so many of those. */
  readonly sequentialPerWithout: number;
  /** Statements of each concurrent caller in a run. */
  readonly concurrentEach: number;
  readonly warmUp: number;
}

/** The concurrent arms take turns so often in a run. */
const TURNS = 4;

/** What one run measured; latencies in milliseconds. */
export interface RunFigures {
  readonly withoutReuse: readonly number[];
  readonly hits: readonly Hit[];
  readonly bare: readonly number[];
  readonly concurrent: ConcurrentRun;
  readonly bareConcurrent: { readonly latenciesMs: readonly number[]; readonly elapsedMs: number };
  readonly sequentialCounts: Counts;
  readonly concurrentCounts: Counts;
  /** Round trips to the store that no statement caused, per second: renewals of leases. */
  readonly backgroundPerSecond: number;
}

/** The arms of the benchmark on one laboratory, warmed up before anything counts. */
export class Measurement {
  private constructor(
    private readonly laboratory: Laboratory,
    private readonly sizes: Sizes,
    private readonly sessions: readonly BareSession[],
    /** What the pool did before anything was measured: it opened the sessions that are reused. */
    readonly warmUpCounts: { readonly sequential: Counts; readonly concurrent: Counts },
  ) {}

  static async warmUp(laboratory: Laboratory, sizes: Sizes): Promise<Measurement> {
    const sessions = await openBareSessions(laboratory);
    await sequential(laboratory, sizes, sizes.warmUp, sessions);
    await concurrentWithReuse(laboratory, sizes.warmUp);
    await bareConcurrent(sizes.warmUp, sessions);
    const { counts } = laboratory;
    return new Measurement(laboratory, sizes, sessions, {
      sequential: counts.sum([TENANTS.sequential]),
      concurrent: counts.sum(TENANTS.concurrent),
    });
  }

  /** @param index of the run, from 0 */
  async run(index: number): Promise<RunFigures> {
    const { laboratory, sizes, sessions } = this;
    laboratory.counts.reset();
    const roundTripsBefore = laboratory.store.all;
    const startedAt = performance.now();
    const oneByOne = await sequential(laboratory, sizes, sizes.sequential, sessions);
    const { concurrent, bareAtOnce } = await this.atOnce(index);
    const elapsedMs = performance.now() - startedAt;
    const inStatements = concurrent.roundTrips + oneByOne.hits.reduce((sum, { roundTrips }) => sum + roundTrips, 0);
    return {
      ...oneByOne,
      concurrent,
      bareConcurrent: bareAtOnce,
      sequentialCounts: laboratory.counts.sum([TENANTS.sequential]),
      concurrentCounts: laboratory.counts.sum(TENANTS.concurrent),
      backgroundPerSecond: ((laboratory.store.all - roundTripsBefore - inStatements) / elapsedMs) * 1000,
    };
  }

  /** The concurrent arms in turns, a part of their statements at a time. What comes second finds warmer caches. */
  private async atOnce(
    index: number,
  ): Promise<{ concurrent: ConcurrentRun; bareAtOnce: RunFigures['bareConcurrent'] }> {
    const { laboratory, sizes, sessions } = this;
    const each = Math.ceil(sizes.concurrentEach / TURNS);
    const reusing: ConcurrentRun[] = [];
    const bare: RunFigures['bareConcurrent'][] = [];
    for (let turn = 0; turn < TURNS; turn += 1) {
      const bareFirst = (index + turn) % 2 === 1;
      if (bareFirst) bare.push(await bareConcurrent(each, sessions));
      reusing.push(await concurrentWithReuse(laboratory, each));
      if (!bareFirst) bare.push(await bareConcurrent(each, sessions));
    }
    const roundTrips = reusing.reduce((sum, part) => sum + part.roundTrips, 0);
    return { concurrent: { ...joined(reusing), roundTrips }, bareAtOnce: joined(bare) };
  }
}

function joined(parts: readonly RunFigures['bareConcurrent'][]): RunFigures['bareConcurrent'] {
  return {
    latenciesMs: parts.flatMap(({ latenciesMs }) => latenciesMs),
    elapsedMs: parts.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
  };
}

/** With reuse, bare and without reuse in turns, so that whatever slows the machine down slows all of them down. */
async function sequential(
  laboratory: Laboratory,
  sizes: Sizes,
  statements: number,
  sessions: readonly BareSession[],
): Promise<Pick<RunFigures, 'withoutReuse' | 'hits' | 'bare'>> {
  const hits: Hit[] = [];
  const bare: number[] = [];
  const without: number[] = [];
  const session = sessions[0] as BareSession;
  for (let index = 0; index < statements; index += 1) {
    const round = Math.floor(index / sizes.sequentialPerWithout);
    if (index % sizes.sequentialPerWithout === 0) without.push(await withoutReuse(laboratory));
    if ((index + round) % 2 === 0) {
      hits.push(await withReuse(laboratory));
      bare.push(await bareStatement(session));
    } else {
      bare.push(await bareStatement(session));
      hits.push(await withReuse(laboratory));
    }
  }
  return { withoutReuse: without, hits, bare };
}

function bareConcurrent(
  statementsEach: number,
  sessions: readonly BareSession[],
): Promise<RunFigures['bareConcurrent']> {
  return concurrently(statementsEach, (caller) => bareStatement(sessions[caller] as BareSession));
}
