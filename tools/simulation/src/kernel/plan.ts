import type { Scenario } from './scenario.ts';

/** What decides a run, whole: the same plan gives the same steps. */
export interface Plan {
  readonly seed: number;
  /** How much work the processes get. */
  readonly operations: number;
  /** The kinds of faults that may happen. */
  readonly faults: ReadonlySet<string>;
}

export function planOf({ operations, faults }: Pick<Scenario, 'operations' | 'faults'>, seed: number): Plan {
  return { seed, operations, faults: new Set(faults) };
}
