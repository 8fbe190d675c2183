import type { BenchBackend, RunningBackend } from '../backends/backend.ts';
import { BACKENDS } from '../backends.ts';
import type { Benchmark, BenchmarkRun, Check, Report, Row } from '../benchmark.ts';
import { Comparison, type OperationFigures } from '../stores/comparison.ts';
import { rowsOf, type ModeFigures } from '../stores/rows.ts';
import { ratioChecks } from '../stores/targets.ts';

interface Sizes {
  /** Sessions of each contender before anything is measured. */
  readonly population: number;
  readonly warmUp: number;
  /** Calls of each arm in a run. */
  readonly sequential: number;
  readonly concurrent: number;
  readonly proxied: number;
}

const FULL: Sizes = { population: 5000, warmUp: 200, sequential: 1000, concurrent: 4096, proxied: 100 };
const QUICK: Sizes = { population: 70, warmUp: 2, sequential: 5, concurrent: 64, proxied: 2 };

const CALLERS = 64;
const DELAY_MS = 1;

type Measure = (comparison: Comparison) => Promise<readonly OperationFigures[]>;

/** Each operation as a ratio to the raw client, next to the peers. */
async function compare(backend: BenchBackend, run: BenchmarkRun): Promise<{ rows: Row[]; checks: Check[] }> {
  const sizes = run.quick ? QUICK : FULL;
  run.progress(`${backend.name}: starting`);
  const server = await backend.start({ durable: false });
  const measure = async (mode: string, delayMs: number, one: Measure, concurrent = false): Promise<ModeFigures> => {
    const runs = await repeat(server, delayMs, sizes.population, one, run, `${backend.name}, ${mode}`);
    return { backend: backend.name, mode, runs, concurrent };
  };
  try {
    const sequential = await measure('one at a time', 0, (comparison) =>
      comparison.sequential({ warmUp: sizes.warmUp, calls: sizes.sequential }),
    );
    const concurrent = await measure(
      `${CALLERS} callers`,
      0,
      (comparison) => comparison.concurrent(CALLERS, sizes.concurrent),
      true,
    );
    const proxied = await measure(`${DELAY_MS} ms away`, DELAY_MS, (comparison) =>
      comparison.sequential({ warmUp: Math.ceil(sizes.warmUp / 20), calls: sizes.proxied }),
    );
    return { rows: [sequential, concurrent, proxied].flatMap(rowsOf), checks: ratioChecks(sequential) };
  } finally {
    await server.stop();
  }
}

async function repeat(
  server: RunningBackend,
  delayMs: number,
  population: number,
  measure: Measure,
  { runs, progress }: BenchmarkRun,
  what: string,
): Promise<readonly (readonly OperationFigures[])[]> {
  const rivals = await server.open({ delayMs });
  try {
    const comparison = await Comparison.between(rivals, population);
    const figures: (readonly OperationFigures[])[] = [];
    for (let index = 0; index < runs; index += 1) {
      progress(`${what}: run ${index + 1} of ${runs}`);
      figures.push(await measure(comparison));
    }
    return figures;
  } finally {
    await rivals.close();
  }
}

export const stores: Benchmark = {
  name: 'stores',
  summary: 'every operation of every store as a ratio to the raw client, next to the peers',
  conditions: [],
  backends: BACKENDS.map(({ name }) => name),
  run: async (run): Promise<Report> => {
    const rows: Row[] = [];
    const checks: Check[] = [];
    for (const backend of BACKENDS.filter(({ name }) => run.backends.includes(name))) {
      const part = await compare(backend, run);
      rows.push(...part.rows);
      checks.push(...part.checks);
    }
    return { benchmark: 'stores', runs: run.runs, rows, checks };
  },
};
