import type { Check, Row } from '../benchmark.ts';
import { quantile, spreadOf } from '../statistics.ts';

/** What a section adds to the report. */
export interface SectionReport {
  readonly rows: readonly Row[];
  readonly checks: readonly Check[];
}

/** One figure for each run, next to that of the reference in the same run; to itself where there is none. */
export function figureRow(
  name: string,
  arm: string,
  unit: string,
  values: readonly number[],
  reference?: readonly number[],
): Row {
  const ratios = values.map((value, run) => (reference === undefined ? 1 : value / (reference[run] ?? Number.NaN)));
  return { name, arm, unit, p50: quantile(values, 0.5), p95: quantile(values, 0.95), ratio: spreadOf(ratios) };
}

/** Percentiles over the calls of all runs; the ratio is of the runs' medians. */
export function latencyRow(
  name: string,
  arm: string,
  runs: readonly (readonly number[])[],
  reference: readonly (readonly number[])[] = runs,
): Row {
  const all = runs.flat();
  const medianOf = (values: readonly number[] | undefined): number => quantile(values ?? [], 0.5);
  return {
    name,
    arm,
    unit: 'ms',
    p50: quantile(all, 0.5),
    p95: quantile(all, 0.95),
    p99: quantile(all, 0.99),
    ratio: spreadOf(runs.map((values, run) => medianOf(values) / medianOf(reference[run]))),
  };
}

export function checkAtMost(name: string, most: number, value: number): Check {
  return { name, target: `<= ${most}`, value, ok: value <= most };
}

export function checkAtLeast(name: string, least: number, value: number): Check {
  return { name, target: `>= ${least}`, value, ok: value >= least };
}
