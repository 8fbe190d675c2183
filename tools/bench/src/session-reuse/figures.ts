import type { Check, Report, Row } from '../benchmark.ts';
import { median, quantile, spreadOf } from '../statistics.ts';
import { CALLERS } from './arms.ts';
import type { Measurement, RunFigures } from './measurement.ts';

const ARM = {
  without: 'no reuse',
  reuse: 'reuse, sequential',
  bare: 'bare SDK, one open session',
  concurrent: 'reuse, 16 callers, 4 tenants',
  bareConcurrent: 'bare SDK, 16 open sessions',
} as const;

type Latencies = (run: RunFigures) => readonly number[];

const LATENCIES: Readonly<Record<keyof typeof ARM, Latencies>> = {
  without: (run) => run.withoutReuse,
  reuse: (run) => run.hits.map(({ totalMs }) => totalMs),
  bare: (run) => run.bare,
  concurrent: (run) => run.concurrent.latenciesMs,
  bareConcurrent: (run) => run.bareConcurrent.latenciesMs,
};

/** Percentiles over the statements of all runs; the ratio compares medians within each run. */
function latencyRow(runs: readonly RunFigures[], arm: keyof typeof ARM, reference: keyof typeof ARM): Row {
  const all = runs.flatMap((run) => [...LATENCIES[arm](run)]);
  return {
    name: `latency / ${ARM[reference]}`,
    arm: ARM[arm],
    unit: 'ms',
    p50: quantile(all, 0.5),
    p95: quantile(all, 0.95),
    ratio: spreadOf(runs.map((run) => median(LATENCIES[arm](run)) / median(LATENCIES[reference](run)))),
  };
}

interface Series {
  readonly name: string;
  readonly arm: keyof typeof ARM;
  readonly unit: string;
  readonly values: readonly number[];
  readonly ratios: readonly number[];
}

function row({ name, arm, unit, values, ratios }: Series): Row {
  const p50 = quantile(values, 0.5);
  return { name, arm: ARM[arm], unit, p50, p95: quantile(values, 0.95), ratio: spreadOf(ratios) };
}

function overheadRows(runs: readonly RunFigures[]): Row[] {
  const differences = runs.map((run) => median(LATENCIES.reuse(run)) - median(run.bare));
  return [
    row({
      name: 'pool overhead, outside the SDK calls / latency of bare SDK',
      arm: 'reuse',
      unit: 'ms',
      values: runs.flatMap((run) => run.hits.map(({ overheadMs }) => overheadMs)),
      ratios: runs.map((run) => median(run.hits.map(({ overheadMs }) => overheadMs)) / median(run.bare)),
    }),
    row({
      name: 'pool overhead, difference of medians / latency of bare SDK',
      arm: 'reuse',
      unit: 'ms',
      values: differences,
      ratios: runs.map((run, index) => (differences[index] ?? 0) / median(run.bare)),
    }),
  ];
}

function throughputRow(runs: readonly RunFigures[]): Row {
  const perSecond = (run: RunFigures['bareConcurrent']): number => (run.latenciesMs.length / run.elapsedMs) * 1000;
  return row({
    name: `throughput / ${ARM.bareConcurrent}`,
    arm: 'concurrent',
    unit: 'statements/s',
    values: runs.map((run) => perSecond(run.concurrent)),
    ratios: runs.map((run) => perSecond(run.concurrent) / perSecond(run.bareConcurrent)),
  });
}

/** What is counted rather than timed: per run, and per statement as the ratio. */
function countRows(runs: readonly RunFigures[]): Row[] {
  const counted = (name: string, arm: keyof typeof ARM, unit: string, count: (run: RunFigures) => number): Row => {
    const values = runs.map(count);
    const ratios = runs.map((run, index) => (values[index] ?? 0) / LATENCIES[arm](run).length);
    return row({ name: `${name} / statements`, arm, unit, values, ratios });
  };
  return [
    counted('hits', 'reuse', 'statements', (run) => run.sequentialCounts.hits),
    counted('hits', 'concurrent', 'statements', (run) => run.concurrentCounts.hits),
    counted('sessions opened after warm-up', 'reuse', 'sessions', (run) => run.sequentialCounts.opened),
    counted('sessions opened after warm-up', 'concurrent', 'sessions', (run) => run.concurrentCounts.opened),
    counted('store round trips in statements', 'reuse', 'round trips', (run) =>
      run.hits.reduce((sum, { roundTrips }) => sum + roundTrips, 0),
    ),
    counted('store round trips in statements', 'concurrent', 'round trips', (run) => run.concurrent.roundTrips),
    counted('SDK calls', 'reuse', 'calls', (run) => run.hits.reduce((sum, { calls }) => sum + calls, 0)),
  ];
}

/** Before anything was measured, and per caller as the ratio: one session each is what is needed. */
function warmUpRows({ sequential, concurrent }: Measurement['warmUpCounts']): Row[] {
  const opened = (arm: keyof typeof ARM, sessions: number, callers: number): Row =>
    row({
      name: 'sessions opened in warm-up / callers',
      arm,
      unit: 'sessions',
      values: [sessions],
      ratios: [sessions / callers],
    });
  return [opened('reuse', sequential.opened, 1), opened('concurrent', concurrent.opened, CALLERS)];
}

/** Lease renewals: a fixed rate per process, whatever the load. The ratio is per statement per second. */
function backgroundRow(runs: readonly RunFigures[]): Row {
  const values = runs.map((run) => run.backgroundPerSecond);
  const throughput = (run: RunFigures): number => (run.concurrent.latenciesMs.length / run.concurrent.elapsedMs) * 1000;
  return row({
    name: 'store round trips in the background / throughput',
    arm: 'concurrent',
    unit: '1/s',
    values,
    ratios: runs.map((run, index) => (values[index] ?? 0) / throughput(run)),
  });
}

function checksOf(runs: readonly RunFigures[]): Check[] {
  const sum = (of: (run: RunFigures) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const hits = sum((run) => run.sequentialCounts.hits + run.concurrentCounts.hits);
  const statements = sum((run) => run.hits.length + run.concurrent.latenciesMs.length);
  const hitPercent = (hits / statements) * 100;
  const savedPercent = 100 * (1 - median(runs.map((run) => median(LATENCIES.reuse(run)) / median(run.withoutReuse))));
  const trips = sum((run) => run.concurrent.roundTrips + run.hits.reduce((total, hit) => total + hit.roundTrips, 0));
  const outside = median(runs.flatMap((run) => run.hits.map(({ overheadMs }) => overheadMs)));
  const difference = median(runs.map((run) => median(LATENCIES.reuse(run)) - median(run.bare)));
  return [
    { name: `hit ratio over ${statements} statements, %`, target: '>= 99', value: hitPercent, ok: hitPercent >= 99 },
    { name: 'latency below no reuse, %', target: '>= 80', value: savedPercent, ok: savedPercent >= 80 },
    { name: 'store round trips per hit', target: '0', value: trips / hits, ok: trips === 0 },
    { name: 'pool overhead per hit, outside the SDK calls, ms', target: '< 1', value: outside, ok: outside < 1 },
    { name: 'pool overhead per hit, difference of medians, ms', target: '< 1', value: difference, ok: difference < 1 },
  ];
}

export function reportOf(benchmark: string, warmUp: Measurement['warmUpCounts'], runs: readonly RunFigures[]): Report {
  return {
    benchmark,
    runs: runs.length,
    rows: [
      latencyRow(runs, 'bare', 'bare'),
      latencyRow(runs, 'reuse', 'bare'),
      latencyRow(runs, 'reuse', 'without'),
      latencyRow(runs, 'without', 'bare'),
      latencyRow(runs, 'concurrent', 'bareConcurrent'),
      latencyRow(runs, 'concurrent', 'without'),
      throughputRow(runs),
      ...overheadRows(runs),
      ...warmUpRows(warmUp),
      ...countRows(runs),
      backgroundRow(runs),
    ],
    checks: checksOf(runs),
  };
}
