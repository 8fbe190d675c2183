import { openStockOf, type BenchBackend } from '../backends/backend.ts';
import { backendsWith } from '../backends.ts';
import type { Benchmark, BenchmarkRun, Report } from '../benchmark.ts';
import type { Stock } from '../stock/stock.ts';
import { AgedSessions } from '../sweep/aged-sessions.ts';
import { sweepChecks, sweepRows, type SweepReport, type SweepRun } from '../sweep/sweep-figures.ts';
import { inBatches, sweepBeside, undisturbed, type Sweep } from '../sweep/sweeps.ts';

interface Sizes {
  readonly live: number;
  readonly expired: number;
  readonly batch: number;
  /** That touch live sessions all the time. */
  readonly clients: number;
  /** How long the touches are measured without a sweep. */
  readonly aloneMs: number;
}

const FULL: Sizes = { live: 100_000, expired: 1_000_000, batch: 1000, clients: 64, aloneMs: 10_000 };
const QUICK: Sizes = { live: 200, expired: 300, batch: 50, clients: 4, aloneMs: 50 };

const PAUSE_MS = 10;
/** The most that a store takes in one call. */
const LARGEST_BATCH = 100_000;

async function measure(backend: BenchBackend, stock: Stock, sizes: Sizes, run: BenchmarkRun): Promise<SweepReport> {
  const { deleteAtOnce } = stock;
  const batches = inBatches(sizes.batch, PAUSE_MS);
  const atOnce: Sweep = deleteAtOnce === undefined ? inBatches(LARGEST_BATCH, 0) : () => deleteAtOnce();
  run.progress(`${backend.name}: filling in ${sizes.live} live sessions`);
  const sessions = new AgedSessions(stock);
  const live = await sessions.live(sizes.live);
  const beside = async (sweep: Sweep): ReturnType<typeof sweepBeside> => {
    await sessions.expired(sizes.expired);
    await stock.tidy();
    return sweepBeside(stock, live, sizes.clients, sweep);
  };
  const runs: SweepRun[] = [];
  for (let index = 0; index < run.runs; index += 1) {
    run.progress(`${backend.name}: run ${index + 1} of ${run.runs}`);
    const alone = await undisturbed(stock, live, sizes.clients, sizes.aloneMs);
    if (index % 2 === 0) runs.push({ alone, batches: await beside(batches), atOnce: await beside(atOnce) });
    else runs.push({ alone, atOnce: await beside(atOnce), batches: await beside(batches) });
  }
  return {
    backend: backend.name,
    expired: sizes.expired,
    names: {
      alone: 'no sweep',
      batches: `batches of ${sizes.batch}`,
      atOnce: deleteAtOnce === undefined ? `batches of ${LARGEST_BATCH}` : 'one DELETE',
    },
    runs,
  };
}

export async function measureSweeps(backends: readonly BenchBackend[], run: BenchmarkRun): Promise<Report> {
  const reports: SweepReport[] = [];
  for (const backend of backends) {
    run.progress(`${backend.name}: starting`);
    const server = await backend.start({ durable: true });
    try {
      const stock = await openStockOf(server);
      try {
        reports.push(await measure(backend, stock, run.quick ? QUICK : FULL, run));
      } finally {
        await stock.close();
      }
    } finally {
      await server.stop();
    }
  }
  const rows = reports.flatMap(sweepRows);
  return { benchmark: 'sweep', runs: run.runs, rows, checks: reports.flatMap(sweepChecks) };
}

const BACKENDS = backendsWith('sweep');

export const sweep: Benchmark = {
  name: 'sweep',
  summary: '1,000,000 expired of 1,100,000 sessions are swept while 64 clients verify live ones',
  conditions: [
    `Batches are ${FULL.batch} rows, with pauses of ${PAUSE_MS} ms, or of what the batch took, as a worker sweeps; one DELETE is how the`,
    `peers do it. ${FULL.clients} clients verify live sessions one after the other, each time with a write; the others ended within the hour.`,
    'The clock is set to 20 minutes past an hour, so that every run finds the same deadlines.',
    'PostgreSQL and SQLite wait for the disk at each commit, Redis writes an append-only file. All share this machine.',
  ],
  backends: BACKENDS.map(({ name }) => name),
  run: (run) =>
    measureSweeps(
      BACKENDS.filter(({ name }) => run.backends.includes(name)),
      run,
    ),
};
