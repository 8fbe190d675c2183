import type { Timer } from '../timer.ts';

interface Event {
  readonly at: number;
  readonly run: () => void;
}

/** Random numbers that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Time of a whole simulated world: it goes on to the next event when all that an event causes has happened. */
export class VirtualTime {
  now = 0;
  private readonly events: Event[] = [];

  at(time: number, run: () => void): void {
    let place = this.events.length;
    while (place > 0 && (this.events[place - 1] as Event).at > time) place--;
    this.events.splice(place, 0, { at: Math.max(time, this.now), run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.now + Math.max(0, ms), resolve));
  }

  /** Runs until a promise is settled. Fails when nothing is left that could settle it. */
  async run(until: Promise<unknown>): Promise<void> {
    let settled = false;
    let steps = 0;
    const end = (): void => {
      settled = true;
    };
    until.then(end, end);
    for (;;) {
      await new Promise((resolve) => void setImmediate(resolve));
      if (settled) return;
      const next = this.events.shift();
      if (next === undefined) throw new Error('the world stands still');
      if (next.at > this.now) steps = 0;
      else if (++steps > 10_000) throw new Error('time stands still');
      this.now = next.at;
      next.run();
    }
  }
}

/** The time of one process, whose clock runs at a pace of its own. */
export class ProcessTimer implements Timer {
  constructor(
    private readonly time: VirtualTime,
    private readonly pace: number,
  ) {}

  now(): number {
    return this.time.now * this.pace + 1000;
  }

  wall(): number {
    return this.now() + 1_700_000_000_000;
  }

  wait(ms: number): Promise<void> {
    return this.time.sleep(ms / this.pace);
  }
}
