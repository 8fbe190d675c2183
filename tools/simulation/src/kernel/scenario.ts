import type { Clock, SessionCopies, StoreBackend } from '@mooring/session-store';
import type { DataApi } from '@mooring/redshift-sessions';
import type { Plan } from './plan.ts';
import type { Trace } from './trace.ts';

/** Where a bug is planted, to see that it is found. */
export interface Sabotage {
  /** The store as a server has it. */
  readonly store?: (store: StoreBackend) => StoreBackend;
  /** The warehouse's API as a process has it. */
  readonly api?: (api: DataApi) => DataApi;
  /** A process's own clock. */
  readonly clock?: (clock: Clock) => Clock;
  /** Copies as a process has them. */
  readonly copies?: (copies: SessionCopies) => SessionCopies;
}

/** How much happened in a run, by name. */
export type Figures = Readonly<Record<string, number>>;

/** A world that can be run: real code, several processes, and what must never happen. */
export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly operations: number;
  /** The kinds of faults that it knows. */
  readonly faults: readonly string[];
  readonly invariants: readonly string[];
  /** @throws Violation */
  run(plan: Plan, trace: Trace, sabotage?: Sabotage): Promise<Figures>;
}

export interface Mutant {
  readonly name: string;
  /** The scenario that must find it. */
  readonly scenario: string;
  readonly sabotage: Sabotage;
}
