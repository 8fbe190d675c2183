import { openStockOf, type BenchBackend } from '../backends/backend.ts';
import type { Row } from '../benchmark.ts';
import { figureRow, latencyRow, type SectionReport } from '../engine/engine-report.ts';
import { create, type Stock } from '../stock/stock.ts';
import type { Visitor } from '../stores/contender.ts';
import { LIFETIME_MS, newSubject, newVisitor } from '../stores/visitors.ts';

export interface StockSizes {
  /** Sessions that are stored, each number more than the one before. */
  readonly stored: readonly number[];
  /** Of each operation in a run. */
  readonly calls: number;
}

type Call = (stock: Stock, visitor: Visitor) => Promise<unknown>;

const CALLS: Readonly<Record<string, Call>> = {
  verify: ({ store }, visitor) =>
    store.sessions.touch(visitor, { presented: visitor.verifier, minIntervalMs: LIFETIME_MS }),
  'verify and touch': ({ store }, visitor) => store.sessions.touch(visitor, { presented: visitor.verifier }),
  list: ({ store }, visitor) => store.sessions.list(visitor, { limit: 10 }),
  'create and revoke': async ({ store }) => {
    const visitor = newVisitor(newSubject());
    await create(store, visitor);
    return store.sessions.revoke(visitor, 'logout');
  },
};

const CHUNK = 10_000;
/** Sessions that are called, spread over all that are stored. */
const SAMPLE = 1000;

interface Level {
  readonly stored: number;
  readonly bytesEach: number;
  /** For each operation its runs. */
  readonly latencies: Readonly<Record<string, readonly number[][]>>;
}

/** What calls cost in a store that has more and more sessions. */
export async function measureStock(
  backend: BenchBackend,
  { stored, calls }: StockSizes,
  runs: number,
  progress: (what: string) => void,
): Promise<SectionReport> {
  const server = await backend.start({ durable: false });
  try {
    const stock = await openStockOf(server);
    try {
      const levels: Level[] = [];
      let filled = 0;
      let sample: readonly Visitor[] = [];
      for (const count of stored) {
        progress(`${backend.name}: filling in ${count} sessions`);
        sample = thinned([...sample, ...(await fill(stock, count - filled))]);
        filled = count;
        await stock.tidy();
        levels.push({
          stored: count,
          bytesEach: (await stock.bytes()) / count,
          latencies: await timed(stock, sample, calls, runs, (run) =>
            progress(`${backend.name}, ${count} stored: run ${run + 1} of ${runs}`),
          ),
        });
      }
      return { rows: levels.flatMap((level) => rowsOf(backend.name, level, levels[0] as Level)), checks: [] };
    } finally {
      await stock.close();
    }
  } finally {
    await server.stop();
  }
}

/** @returns some of them */
async function fill(stock: Stock, count: number): Promise<Visitor[]> {
  const kept: Visitor[] = [];
  for (let left = count; left > 0; left -= CHUNK) {
    const visitors = Array.from({ length: Math.min(left, CHUNK) }, () => newVisitor(newSubject()));
    await stock.fill(visitors);
    kept.push(...thinned(visitors));
  }
  return kept;
}

function thinned(visitors: readonly Visitor[]): Visitor[] {
  const step = Math.max(1, Math.floor(visitors.length / SAMPLE));
  return visitors.filter((_, index) => index % step === 0).slice(0, SAMPLE);
}

/** The operations in turns, call by call. The first tenth does not count. */
async function timed(
  stock: Stock,
  sample: readonly Visitor[],
  calls: number,
  runs: number,
  progress: (run: number) => void,
): Promise<Level['latencies']> {
  const latencies: Record<string, number[][]> = Object.fromEntries(Object.keys(CALLS).map((name) => [name, []]));
  const warmUp = Math.ceil(calls / 10);
  for (let run = 0; run < runs; run += 1) {
    progress(run);
    for (const name of Object.keys(CALLS)) latencies[name]?.push([]);
    for (let index = -warmUp; index < calls; index += 1) {
      const visitor = sample[(run * calls + index + warmUp) % sample.length] as Visitor;
      for (const [name, call] of Object.entries(CALLS)) {
        const startedAt = performance.now();
        await call(stock, visitor);
        if (index >= 0) latencies[name]?.[run]?.push(performance.now() - startedAt);
      }
    }
  }
  return latencies;
}

const FEW = 'the fewest stored';
const AXIS = 'sessions that are stored';

function rowsOf(backend: string, level: Level, few: Level): Row[] {
  const where = `${level.stored.toLocaleString('en-GB')} stored`;
  return [
    ...Object.entries(level.latencies).map(([name, runs]) => ({
      ...latencyRow(`${backend}, ${where}: ${name} / ${FEW}`, name, runs, few.latencies[name] ?? runs),
      growth: { plot: `${backend}: time of a call by stored sessions`, axis: AXIS, at: level.stored },
    })),
    {
      ...figureRow(`${where}: bytes of a session / ${FEW}`, backend, 'bytes', [level.bytesEach], [few.bytesEach]),
      growth: { plot: 'bytes of a session by stored sessions', axis: AXIS, at: level.stored },
    },
  ];
}
