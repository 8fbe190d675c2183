import type { Check, Row } from '../benchmark.ts';
import { median, quantile, spreadOf } from '../statistics.ts';
import type { SweepFigures } from './sweeps.ts';

/** What one run measured: the touches alone, beside a sweep in batches, and beside one that deletes all at once. */
export interface SweepRun {
  readonly alone: SweepFigures;
  readonly batches: SweepFigures;
  readonly atOnce: SweepFigures;
}

export interface SweepReport {
  readonly backend: string;
  readonly expired: number;
  readonly names: Readonly<Record<keyof SweepRun, string>>;
  readonly runs: readonly SweepRun[];
}

type Arm = keyof SweepRun;

const ARMS: readonly Arm[] = ['alone', 'batches', 'atOnce'];

function touchRows({ backend, names, runs }: SweepReport): Row[] {
  return ARMS.map((arm) => {
    const all = runs.flatMap((run) => [...run[arm].touches.latenciesMs]);
    const of = (run: SweepRun, one: Arm): number => median(run[one].touches.latenciesMs);
    return {
      name: `${backend}: touch / ${names.alone}`,
      arm: names[arm],
      unit: 'ms',
      p50: quantile(all, 0.5),
      p95: quantile(all, 0.95),
      p99: quantile(all, 0.99),
      p999: quantile(all, 0.999),
      ratio: spreadOf(runs.map((run) => of(run, arm) / of(run, 'alone'))),
    };
  });
}

/** One value for each run and arm. */
function runRows(
  { names, runs }: SweepReport,
  name: string,
  unit: string,
  arms: readonly Arm[],
  reference: Arm,
  valueOf: (figures: SweepFigures) => number,
): Row[] {
  return arms.map((arm) => {
    const values = runs.map((run) => valueOf(run[arm]));
    return {
      name: `${name} / ${names[reference]}`,
      arm: names[arm],
      unit,
      p50: quantile(values, 0.5),
      p95: quantile(values, 0.95),
      ratio: spreadOf(runs.map((run) => valueOf(run[arm]) / valueOf(run[reference]))),
    };
  });
}

const SWEEPS: readonly Arm[] = ['batches', 'atOnce'];

export function sweepRows(report: SweepReport): Row[] {
  const { backend } = report;
  const touches = ({ touches: { latenciesMs } }: SweepFigures): readonly number[] => latenciesMs;
  return [
    ...touchRows(report),
    ...runRows(report, `${backend}: p99 of the touches of a run`, 'ms', ARMS, 'alone', (figures) =>
      quantile(touches(figures), 0.99),
    ),
    ...runRows(report, `${backend}: longest touch of a run`, 'ms', ARMS, 'alone', (figures) =>
      touches(figures).reduce((longest, ms) => Math.max(longest, ms), 0),
    ),
    ...runRows(report, `${backend}: touches a second`, '1/s', ARMS, 'alone', (figures) =>
      perSecond(touches(figures).length, figures),
    ),
    ...runRows(report, `${backend}: until all are gone`, 'ms', SWEEPS, 'atOnce', ({ elapsedMs }) => elapsedMs),
    ...runRows(report, `${backend}: rows a second`, '1/s', SWEEPS, 'atOnce', (figures) =>
      perSecond(figures.deleted, figures),
    ),
  ];
}

function perSecond(count: number, { elapsedMs }: SweepFigures): number {
  return (count / elapsedMs) * 1000;
}

export function sweepChecks({ backend, expired, names, runs }: SweepReport): Check[] {
  const lost = runs.reduce((sum, run) => sum + ARMS.reduce((total, arm) => total + run[arm].touches.lost, 0), 0);
  const missed = runs.reduce((sum, run) => sum + Math.abs(expired - run.batches.deleted), 0);
  const p99 = ({ touches: { latenciesMs } }: SweepFigures): number => quantile(latenciesMs, 0.99);
  const beside = median(runs.map((run) => p99(run.batches) / p99(run.alone)));
  const name = `${backend}: p99 of the touches, ${names.batches} / ${names.alone}`;
  return [
    { name: `${backend}: live sessions that were lost`, target: '0', value: lost, ok: lost === 0 },
    { name: `${backend}: expired sessions left, or too many deleted`, target: '0', value: missed, ok: missed === 0 },
    { name, target: '< 2', value: beside, ok: beside < 2 },
  ];
}
