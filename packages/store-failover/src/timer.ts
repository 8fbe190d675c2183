/** Time within this process, apart from the clock that deadlines are in. */
export interface Timer {
  /** Milliseconds that never go back. */
  now(): number;
  /** Milliseconds that also go on while the process is suspended together with its machine. */
  wall(): number;
  wait(ms: number): Promise<void>;
}

/** A moment in this process. */
export interface Moment {
  readonly now: number;
  readonly wall: number;
}

export const processTimer: Timer = {
  now: () => performance.now(),
  wall: () => Date.now(),
  wait: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
};

export function momentOf(timer: Timer): Moment {
  return { now: timer.now(), wall: timer.wall() };
}

/** How long ago it was, at least: whichever clock went on for longer. */
export function ageOf(moment: Moment, timer: Timer): number {
  return Math.max(timer.now() - moment.now, timer.wall() - moment.wall);
}
