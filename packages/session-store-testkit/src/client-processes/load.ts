import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreBackend, SweepTarget } from '@mooring/session-store';
import { AttemptTrace, BudgetTrace, LimitTrace } from './usage-traces.ts';
import { LeaseTrace, PoolTrace } from './holding-traces.ts';
import { eventually, fresh } from './process-harness.ts';
import type { ProcessHarness } from './process-harness.ts';
import { SessionTrace } from './session-trace.ts';
import type { Trace } from './trace.ts';

/** One of several that repeat the work of a trace, on one store. */
interface Caller {
  readonly trace: Trace;
  steps: number;
  failures: number;
}

const CALLERS_EACH = 2;

/** Work of every kind on some stores at once, from the start until it is told to stop. */
export class Load {
  private readonly tenantId = fresh('tenant');
  readonly traces: readonly Trace[] = [
    new SessionTrace(this.tenantId),
    new LimitTrace(this.tenantId),
    new AttemptTrace(this.tenantId),
    new BudgetTrace(this.tenantId),
    new LeaseTrace(this.tenantId),
    new PoolTrace(this.tenantId),
  ];
  /** What calls failed with. */
  readonly failures: unknown[] = [];
  private readonly callers: Caller[] = [];
  private readonly running: Promise<void>[] = [];
  private stopped = false;

  constructor(
    private readonly harness: ProcessHarness,
    private readonly stores: readonly StoreBackend[],
  ) {
    for (const store of stores) {
      for (const trace of this.traces) {
        for (let index = 0; index < CALLERS_EACH; index += 1) {
          const caller: Caller = { trace, steps: 0, failures: 0 };
          this.callers.push(caller);
          this.running.push(this.keepAsking(caller, store));
        }
      }
    }
  }

  /** Until every caller has done so many steps more, or met so many failures more. */
  async each(what: string, count: 'steps' | 'failures', more: number): Promise<void> {
    const before = this.callers.map((caller) => caller[count]);
    await eventually(this.harness, what, () =>
      this.callers.every((caller, index) => caller[count] >= (before[index] ?? 0) + more),
    );
  }

  /** Starts steps of every kind at once, and comes back when the first of one kind is done: then others are under way. */
  async burst(kind: SweepTarget): Promise<void> {
    const first: Promise<void>[] = [];
    for (const store of this.stores) {
      for (const trace of this.traces) {
        const steps = Array.from({ length: 10 }, () => trace.step(store));
        this.running.push(...steps.map((step) => step.catch((failure: unknown) => void this.failures.push(failure))));
        if (trace.kind === kind) first.push(...steps);
      }
    }
    await Promise.race(first);
  }

  /** Lets each caller end its step. Fails when a step was not what a store may answer. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
    const broken = this.failures.find((failure) => failure instanceof assert.AssertionError);
    if (broken !== undefined) throw broken;
  }

  private async keepAsking(caller: Caller, store: StoreBackend): Promise<void> {
    while (!this.stopped) {
      try {
        await caller.trace.step(store);
        caller.steps += 1;
      } catch (failure) {
        this.failures.push(failure);
        caller.failures += 1;
      }
      await sleep(1);
    }
  }
}
