import type { CancelTimer, Clock } from '@mooring/session-store';
import { BEGINNING } from './simulation.ts';
import type { Simulation } from './simulation.ts';

/** Oscillators are wrong by tens of millionths. */
const WORST_PACE = 50e-6;
const WORST_OFFSET_MS = 600_000;

/** The process that should have answered is dead. */
export class Crashed extends Error {
  override readonly name = 'Crashed';
  readonly code = 'crashed';
}

/**
 * A process: a clock of its own, and events that reach it only while it lives. Between two of them it does nothing, so a
 * crash comes between any two steps: what it waits for never comes, and what it sent may still arrive.
 */
export class SimulatedProcess {
  isAlive = true;
  readonly clock: Clock;
  private pausedUntil = 0;
  private readonly mourners: (() => void)[] = [];
  private readonly offsetMs: number;
  private readonly pace: number;

  constructor(
    readonly name: string,
    protected readonly simulation: Simulation,
    worstPace = WORST_PACE,
  ) {
    const { luck } = simulation;
    const [offset, pace] = [luck(), luck()];
    const isSkewed = simulation.plan.faults.has('skew');
    this.offsetMs = isSkewed ? (2 * offset - 1) * WORST_OFFSET_MS : 0;
    this.pace = isSkewed ? 1 + (2 * pace - 1) * worstPace : 1;
    this.clock = { now: () => Math.floor(this.local), after: (delayMs, callback) => this.after(delayMs, callback) };
  }

  /** What its clock shows, with fractions. */
  get local(): number {
    return BEGINNING + this.offsetMs + this.simulation.time.now * this.pace;
  }

  /** Something reaches the process: not before the time, later while it is stopped, never once it is dead. */
  at(time: number, run: () => void): CancelTimer {
    return this.simulation.time.at(time, () => {
      if (!this.isAlive) return;
      if (this.simulation.time.now < this.pausedUntil) this.at(this.pausedUntil, run);
      else run();
    });
  }

  crash(): void {
    this.simulation.note(this.name, 'crashes');
    this.isAlive = false;
    for (const mourn of this.mourners) mourn();
  }

  /** What somebody outside awaits of the process: rejects with `Crashed` when it dies before. */
  outside<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.isAlive) this.mourners.push(() => reject(new Crashed()));
      else reject(new Crashed());
      work.then(resolve, reject);
    });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.at(this.simulation.time.now + Math.max(0, ms), resolve));
  }

  /** Its machine stands still: a long collection of garbage, a virtual machine that moves. */
  pause(ms: number): void {
    this.simulation.note(this.name, `stands still for ${Math.round(ms)} ms`);
    this.pausedUntil = this.simulation.time.now + ms;
  }

  private after(delayMs: number, callback: () => void): CancelTimer {
    let isCancelled = false;
    // A timer never runs before its own clock shows the time.
    const local = Math.floor(this.local) + Math.max(0, delayMs) + 0.001;
    const cancel = this.at((local - BEGINNING - this.offsetMs) / this.pace, () => {
      if (!isCancelled) callback();
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }
}
