import type { Check } from '../benchmark.ts';
import { median } from '../statistics.ts';
import type { ArmFigures, OperationFigures } from './comparison.ts';
import { OPERATIONS, type Operation } from './contender.ts';
import type { ModeFigures } from './rows.ts';

/** The most that a call may take, in calls of the raw client that do no more than the work itself. */
export const MOST: Partial<Readonly<Record<Operation, number>>> = {
  get: 1.15,
  verify: 1.15,
  touch: 1.2,
  create: 1.2,
  consume: 1.25,
};

/** Of the sequential calls on one backend: near the raw client, and ahead of every peer that does the same work. */
export function ratioChecks(figures: ModeFigures): Check[] {
  const [first = []] = figures.runs;
  return first.flatMap(({ operation, arms }) => {
    const most = MOST[operation];
    const name = `${figures.backend}, ${figures.mode}: ${OPERATIONS[operation]}`;
    const raw = arms[0];
    const own = raw?.role === 'raw' ? ratioTo(figures, operation, raw) : undefined;
    return [
      ...(most === undefined || own === undefined || raw === undefined
        ? []
        : [{ name: `${name} / ${raw.label}`, target: `<= ${most}`, value: own, ok: own <= most }]),
      ...arms.filter(({ role }) => role === 'peer').map((peer) => aheadOf(figures, operation, name, peer)),
    ];
  });
}

function aheadOf(figures: ModeFigures, operation: Operation, name: string, peer: ArmFigures): Check {
  const value = ratioTo(figures, operation, peer);
  return { name: `${name}, ahead of ${peer.label}`, target: '< 1', value, ok: value < 1 };
}

/** Of the store's median to another arm's, within each run: the median over the runs. */
function ratioTo({ runs }: ModeFigures, operation: Operation, other: ArmFigures): number {
  return median(
    runs.map((run) => {
      const { arms } = run.find((one) => one.operation === operation) as OperationFigures;
      const ofArm = (matches: (arm: ArmFigures) => boolean): number => median(arms.find(matches)?.latenciesMs ?? []);
      return ofArm(({ role }) => role === 'store') / ofArm(({ label }) => label === other.label);
    }),
  );
}
