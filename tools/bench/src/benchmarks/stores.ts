import type { BenchBackend, RunningBackend } from '../backends/backend.ts';
import { backendsWith } from '../backends.ts';
import type { Benchmark, BenchmarkRun, Check, Report, Row } from '../benchmark.ts';
import { measureLoad, type LoadSizes } from '../load/load.ts';
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
  readonly load: LoadSizes;
}

const FULL: Sizes = {
  population: 5000,
  warmUp: 200,
  sequential: 1000,
  concurrent: 2048,
  proxied: 100,
  load: { sessions: 1000, durationMs: 10_000, warmUpMs: 2000, callsEach: 10 },
};
const QUICK: Sizes = {
  population: 20,
  warmUp: 2,
  sequential: 5,
  concurrent: 8,
  proxied: 2,
  load: { sessions: 20, durationMs: 300, warmUpMs: 100, callsEach: 2 },
};

function reduced(sizes: Sizes, effort: number): Sizes {
  const part = (calls: number): number => Math.ceil(calls * effort);
  const { population, warmUp, sequential, concurrent, proxied } = sizes;
  return {
    ...sizes,
    population: part(population),
    warmUp: part(warmUp),
    sequential: part(sequential),
    concurrent: part(concurrent),
    proxied: part(proxied),
  };
}

const CALLERS = 64;
const DELAY_MS = 1;

interface Part {
  readonly rows: readonly Row[];
  readonly checks: readonly Check[];
}

type Measure = (comparison: Comparison) => Promise<readonly OperationFigures[]>;

/** Each operation as a ratio to the raw client, next to the peers. */
class BackendComparison {
  private readonly sizes: Sizes;

  constructor(
    private readonly backend: BenchBackend,
    private readonly run: BenchmarkRun,
  ) {
    this.sizes = run.quick ? QUICK : reduced(FULL, backend.effort ?? 1);
  }

  async measure(): Promise<Part> {
    const { backend, run, sizes } = this;
    run.progress(`${backend.name}: starting`);
    const server = await backend.start({ durable: false });
    try {
      const { warmUp } = sizes;
      const sequential = await this.mode(server, 'one at a time', 0, (comparison) =>
        comparison.sequential({ warmUp, calls: sizes.sequential }),
      );
      const concurrent = await this.mode(server, `${CALLERS} callers`, 0, (comparison) =>
        comparison.concurrent(CALLERS, sizes.concurrent),
      );
      const modes = [sequential, { ...concurrent, concurrent: true }];
      if (backend.remote) {
        const few = { warmUp: Math.ceil(warmUp / 20), calls: sizes.proxied };
        modes.push(
          await this.mode(server, `${DELAY_MS} ms away`, DELAY_MS, (comparison) => comparison.sequential(few)),
        );
      }
      return { rows: modes.flatMap(rowsOf), checks: backend.promised ? ratioChecks(sequential) : [] };
    } finally {
      await server.stop();
    }
  }

  private async mode(server: RunningBackend, mode: string, delayMs: number, measure: Measure): Promise<ModeFigures> {
    const { runs, progress } = this.run;
    const rivals = await server.open({ delayMs });
    try {
      const comparison = await Comparison.between(rivals, this.sizes.population);
      const figures: (readonly OperationFigures[])[] = [];
      for (let index = 0; index < runs; index += 1) {
        progress(`${this.backend.name}, ${mode}: run ${index + 1} of ${runs}`);
        figures.push(await measure(comparison));
      }
      return { backend: this.backend.name, mode, runs: figures, concurrent: false };
    } finally {
      await rivals.close();
    }
  }
}

export async function measureStores(backends: readonly BenchBackend[], run: BenchmarkRun): Promise<Report> {
  const parts: Part[] = [];
  for (const backend of backends) {
    parts.push(await new BackendComparison(backend, run).measure());
    if (backend.measured.includes('load')) parts.push(await measureLoad(backend, (run.quick ? QUICK : FULL).load, run));
  }
  const rows = parts.flatMap((part) => part.rows);
  const checks = parts.flatMap((part) => part.checks);
  return { benchmark: 'stores', runs: run.runs, rows, checks };
}

const BACKENDS = backendsWith('ratios');

export const stores: Benchmark = {
  name: 'stores',
  summary:
    'every operation of every store as a ratio to the raw client, next to the peers, and the load of 1000 sessions',
  conditions: [
    'Servers and callers share this machine and its cores, so much of a latency is the wait for a core.',
    'Each arm has connections of its own with the same settings: pools of 10 (PostgreSQL), one connection (Redis).',
    'One at a time: the arms take turns call by call, in changing order. 64 callers: turn by turn. 1 ms away: one at a',
    'time through a proxy that holds each chunk back for 1 ms on its way there and back; a second round trip shows there.',
    'Raw arms decode nothing and check nothing but what is named. Ratios are measured without waits for the disk, which',
    'would hide the difference; 1000 sessions with them (PostgreSQL: each commit; Redis: an append-only file, each second).',
    '1000 sessions: each calls every 500 to 1000 ms (57 % verify, 14 % touch, 14 % consume, 5 % update, 10 % login and',
    'logout), on a schedule; latency is from when a call was due. 1000 callers at once: no pauses, so all of them queue.',
  ],
  backends: BACKENDS.map(({ name }) => name),
  run: (run) =>
    measureStores(
      BACKENDS.filter(({ name }) => run.backends.includes(name)),
      run,
    ),
};
