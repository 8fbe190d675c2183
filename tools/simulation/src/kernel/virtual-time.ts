import type { CancelTimer } from '@mooring/session-store';

interface Event {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Taken before a run takes it away from everybody else. */
const soon = setImmediate;
const settled = (): Promise<void> => new Promise((resolve) => void soon(resolve));

/** So many events at one moment, and time stands still. */
const MOST_AT_ONCE = 10_000;

/** Time of a whole simulated world: it goes on to the next event when all that an event causes has happened. */
export class VirtualTime {
  /** Milliseconds since the world began, with fractions. */
  now = 0;
  /** Events so far. */
  steps = 0;
  private order = 0;
  private readonly heap: Event[] = [];

  at(time: number, run: () => void): CancelTimer {
    if (Number.isNaN(time)) throw new Error('an event at no time');
    const event: Event = { at: Math.max(time, this.now), order: this.order++, run };
    this.push(event);
    return () => {
      event.run = undefined;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.at(this.now + Math.max(0, ms), resolve));
  }

  /** Runs until a promise is settled; `afterStep` looks at the world after each event, and ends the run by throwing. */
  async run(until: Promise<unknown>, afterStep: () => void = () => {}): Promise<void> {
    let isOver = false;
    let atOnce = 0;
    const end = (): void => {
      isOver = true;
    };
    until.then(end, end);
    for (;;) {
      await settled();
      afterStep();
      if (isOver) return;
      const next = this.pop();
      if (next === undefined) throw new Error('the world stands still: nothing is left that could end it');
      atOnce = next.at > this.now ? 0 : atOnce + 1;
      if (atOnce > MOST_AT_ONCE) throw new Error('time stands still');
      this.now = next.at;
      this.steps += 1;
      next.run?.();
    }
  }

  private push(event: Event): void {
    const { heap } = this;
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent] as Event;
      if (isBefore(above, event)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = event;
  }

  /** The next event that was not cancelled. */
  private pop(): Event | undefined {
    for (;;) {
      const first = this.heap[0];
      const last = this.heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (first !== last) this.sink(last);
      if (first.run !== undefined) return first;
    }
  }

  private sink(event: Event): void {
    const { heap } = this;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      if (isBefore(event, heap[child] as Event)) break;
      heap[place] = heap[child] as Event;
      place = child;
    }
    heap[place] = event;
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}
