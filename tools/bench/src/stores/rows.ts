import type { Row } from '../benchmark.ts';
import { quantile, median, spreadOf } from '../statistics.ts';
import type { ArmFigures, OperationFigures } from './comparison.ts';
import { OPERATIONS } from './contender.ts';

/** One way of calling on one backend, over the runs: for each run the operations in the same order. */
export interface ModeFigures {
  readonly backend: string;
  readonly mode: string;
  readonly runs: readonly (readonly OperationFigures[])[];
  /** Whether callers were at once, so that throughput says something that latency doesn't. */
  readonly concurrent: boolean;
}

/** Of each operation each arm; ratios to the first arm, within a run. */
export function rowsOf(figures: ModeFigures): Row[] {
  const [first = []] = figures.runs;
  return first.flatMap(({ arms }, operation) =>
    arms.flatMap((_, arm) => [
      latencyRow(figures, operation, arm),
      ...(figures.concurrent ? [throughputRow(figures, operation, arm)] : []),
      ...(armsOver(figures, operation, arm).some(({ requests }) => requests > 0)
        ? [requestRow(figures, operation, arm)]
        : []),
    ]),
  );
}

function armsOver({ runs }: ModeFigures, operation: number, arm: number): readonly ArmFigures[] {
  return runs.map((run) => run[operation]?.arms[arm] as ArmFigures);
}

function titleOf({ backend, mode, runs }: ModeFigures, operation: number, what = '', reference?: string): string {
  const [first = []] = runs;
  const { operation: name, arms } = first[operation] as OperationFigures;
  return `${backend}, ${mode}: ${OPERATIONS[name]}${what} / ${reference ?? arms[0]?.name}`;
}

function latencyRow(figures: ModeFigures, operation: number, arm: number): Row {
  const own = armsOver(figures, operation, arm);
  const reference = armsOver(figures, operation, 0);
  const all = own.flatMap(({ latenciesMs }) => latenciesMs);
  return {
    name: titleOf(figures, operation),
    arm: own[0]?.label ?? '',
    unit: 'ms',
    p50: quantile(all, 0.5),
    p95: quantile(all, 0.95),
    p99: quantile(all, 0.99),
    ratio: spreadOf(own.map((run, index) => median(run.latenciesMs) / median(reference[index]?.latenciesMs ?? []))),
  };
}

const perSecond = ({ latenciesMs, elapsedMs }: ArmFigures): number => (latenciesMs.length / elapsedMs) * 1000;

function throughputRow(figures: ModeFigures, operation: number, arm: number): Row {
  const own = armsOver(figures, operation, arm);
  const reference = armsOver(figures, operation, 0);
  const values = own.map(perSecond);
  return {
    name: titleOf(figures, operation, ', throughput'),
    arm: own[0]?.label ?? '',
    unit: '1/s',
    p50: quantile(values, 0.5),
    p95: quantile(values, 0.95),
    ratio: spreadOf(own.map((run, index) => perSecond(run) / perSecond(reference[index] as ArmFigures))),
  };
}

function requestRow(figures: ModeFigures, operation: number, arm: number): Row {
  const own = armsOver(figures, operation, arm);
  const values = own.map(({ requests, latenciesMs }) => requests / latenciesMs.length);
  return {
    name: titleOf(figures, operation, ', requests', 'one request'),
    arm: own[0]?.label ?? '',
    unit: 'requests',
    p50: quantile(values, 0.5),
    p95: quantile(values, 0.95),
    ratio: spreadOf(values),
  };
}
