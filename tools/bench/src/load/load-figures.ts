import type { Check, Row } from '../benchmark.ts';
import { median, quantile, spreadOf } from '../statistics.ts';
import { OPERATIONS } from '../stores/contender.ts';
import type { LoopFigures } from './loops.ts';
import type { Action } from './schedule.ts';

/** What the arms did under the same load, run by run. The first is what they are compared with, the last the store. */
export interface LoadFigures {
  /** What was measured: backend and way of calling. */
  readonly title: string;
  readonly arms: readonly string[];
  readonly runs: readonly (readonly LoopFigures[])[];
}

const LIMIT_MS = 5;

type Values = (figures: LoopFigures) => readonly number[];

const all: Values = ({ latenciesMs }) => Object.values(latenciesMs).flat();

function ofArm({ runs }: LoadFigures, arm: number): readonly LoopFigures[] {
  return runs.map((run) => run[arm] as LoopFigures);
}

function actionsIn({ runs }: LoadFigures): readonly Action[] {
  const [first] = runs.flat();
  const done = (action: Action): boolean => runs.flat().every(({ latenciesMs }) => latenciesMs[action].length > 0);
  return (Object.keys(first?.latenciesMs ?? {}) as Action[]).filter(done);
}

/** Percentiles over the calls of all runs; the ratio compares medians within a run. */
function latencyRows(figures: LoadFigures, what: string, values: Values): Row[] {
  const { title, arms, runs } = figures;
  return arms.map((name, arm) => {
    const pooled = ofArm(figures, arm).flatMap((run) => [...values(run)]);
    return {
      name: `${title}: ${what} / ${arms[0]}`,
      arm: name,
      unit: 'ms',
      p50: quantile(pooled, 0.5),
      p95: quantile(pooled, 0.95),
      p99: quantile(pooled, 0.99),
      p999: quantile(pooled, 0.999),
      ratio: spreadOf(
        runs.map((run) => median(values(run[arm] as LoopFigures)) / median(values(run[0] as LoopFigures))),
      ),
    };
  });
}

function throughputRows(figures: LoadFigures): Row[] {
  const { title, arms, runs } = figures;
  const perSecond = (run: LoopFigures): number => (all(run).length / run.elapsedMs) * 1000;
  return arms.map((name, arm) => {
    const values = ofArm(figures, arm).map(perSecond);
    return {
      name: `${title}: throughput / ${arms[0]}`,
      arm: name,
      unit: '1/s',
      p50: quantile(values, 0.5),
      p95: quantile(values, 0.95),
      ratio: spreadOf(runs.map((run) => perSecond(run[arm] as LoopFigures) / perSecond(run[0] as LoopFigures))),
    };
  });
}

export function openLoopRows(figures: LoadFigures): Row[] {
  return [
    ...actionsIn(figures).flatMap((action) =>
      latencyRows(figures, OPERATIONS[action], ({ latenciesMs }) => latenciesMs[action]),
    ),
    ...latencyRows(figures, 'all calls', all),
    ...latencyRows(figures, 'how late the calls were made', ({ latenessMs }) => latenessMs),
  ];
}

export function closedLoopRows(figures: LoadFigures): Row[] {
  return [...latencyRows(figures, 'all calls', all), ...throughputRows(figures)];
}

/** Of the store: that no call failed and, where it was promised, the percentile over the calls of all runs. */
export function openLoopChecks(figures: LoadFigures, promised: boolean): Check[] {
  const { title, arms } = figures;
  const store = ofArm(figures, arms.length - 1);
  const failed = store.reduce((sum, { failures }) => sum + failures.length, 0);
  return [
    ...(promised ? actionsIn(figures) : []).map((action) => {
      const pooled = store.flatMap(({ latenciesMs }) => [...latenciesMs[action]]);
      const value = quantile(pooled, 0.99);
      return {
        name: `${title}: ${OPERATIONS[action]}, p99 in ms`,
        target: `< ${LIMIT_MS}`,
        value,
        ok: value < LIMIT_MS,
      };
    }),
    { name: `${title}: calls that failed`, target: '0', value: failed, ok: failed === 0 },
  ];
}
