import { setTimeout } from 'node:timers/promises';
import type { Caller, World } from './world.ts';

const PAUSE_MS = 100;

/** Clients that go on until they are told to stop, whatever they are answered. */
export class Load {
  private readonly done = new Map<string, number>();
  private going = true;
  private readonly running: readonly Promise<void>[];

  constructor(
    private readonly world: World,
    callers: readonly Caller[],
  ) {
    for (const { name } of callers) this.done.set(name, 0);
    this.running = callers.map((caller) => this.repeat(caller));
  }

  /** How often each kind of client had all of its work done. */
  counts(): ReadonlyMap<string, number> {
    return new Map(this.done);
  }

  /** Waits until each kind of client got through `times` more; those that did not in that time are answered. */
  async answered(times: number, withinMs: number): Promise<readonly string[]> {
    const before = this.counts();
    const deadline = performance.now() + withinMs;
    for (;;) {
      const late = [...before].filter(([name, count]) => (this.done.get(name) ?? 0) < count + times);
      if (late.length === 0 || performance.now() > deadline) return late.map(([name]) => name);
      await setTimeout(PAUSE_MS);
    }
  }

  async end(): Promise<void> {
    this.going = false;
    await Promise.all(this.running);
  }

  private async repeat({ name, call }: Caller): Promise<void> {
    while (this.going) {
      if (await call(this.world)) this.done.set(name, (this.done.get(name) ?? 0) + 1);
      await setTimeout(PAUSE_MS);
    }
  }
}
