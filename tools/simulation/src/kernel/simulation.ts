import type { Clock } from '@mooring/session-store';
import { withoutRealTime } from './no-real-time.ts';
import type { Plan } from './plan.ts';
import { seeded } from './seeded.ts';
import type { Random } from './seeded.ts';
import type { Trace } from './trace.ts';
import { VirtualTime } from './virtual-time.ts';

/** 2026-01-01T12:00:00Z: what the world's clock shows when it begins. At noon, so that skewed clocks agree on the day. */
export const BEGINNING = 1_767_268_800_000;

/** Something happened that must never happen. */
export class Violation extends Error {
  override readonly name = 'Violation';

  constructor(
    readonly invariant: string,
    message: string,
  ) {
    super(`${invariant}: ${message}`);
  }
}

/** One run of one world: its time, its chance, what goes wrong in it, and what was seen to break. */
export class Simulation {
  readonly time = new VirtualTime();
  /** What the work is. */
  readonly random: Random;
  /** How long things take, and what goes wrong: apart, so that the work stays the same without a fault. */
  readonly luck: Random;
  /** Servers have the true time. */
  readonly serverClock: Clock;
  private violation: Violation | undefined;

  constructor(
    readonly plan: Plan,
    readonly trace: Trace,
  ) {
    this.random = seeded(plan.seed);
    this.luck = seeded(plan.seed ^ 0x5bd1e995);
    this.serverClock = {
      now: () => BEGINNING + Math.floor(this.time.now),
      after: (delayMs, callback) => this.time.at(this.time.now + Math.max(0, delayMs), callback),
    };
  }

  /** Whether a fault happens now. One that the plan leaves out never does. */
  hits(fault: string, probability: number): boolean {
    return this.luck() < probability && this.plan.faults.has(fault);
  }

  note(who: string, what: string): void {
    this.trace.add(this.time.now, who, what);
  }

  /** Ends the run after this step, whoever catches what. The first violation counts. */
  violate(invariant: string, message: string): void {
    this.violation ??= new Violation(invariant, message);
    this.note('VIOLATED', `${invariant}: ${message}`);
  }

  /** @throws Violation */
  async run(life: () => Promise<void>, check: () => void = () => {}): Promise<void> {
    await withoutRealTime(async () => {
      const living = life();
      await this.time.run(living, () => {
        check();
        if (this.violation !== undefined) throw this.violation;
      });
      await living;
    });
  }
}
