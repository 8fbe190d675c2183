/** What a session does. A login is followed by its logout, at the session's next turn. */
export type Action = 'verify' | 'touch' | 'update' | 'consume' | 'create' | 'revoke';

export interface Arrival {
  /** When it is meant to start, from the start of the schedule. */
  readonly atMs: number;
  readonly session: number;
  readonly action: Action;
}

/** Out of 100. */
const MIX: readonly (readonly [Action, number])[] = [
  ['verify', 60],
  ['touch', 15],
  ['consume', 15],
  ['update', 5],
  ['create', 5],
];

/** A session does something, then pauses for so long. */
const PAUSE_MS = { least: 500, most: 1000 };

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What a session does next; what it began is ended first. */
export class Habits {
  private readonly loggedIn = new Set<number>();

  constructor(private readonly random: () => number) {}

  next(session: number): Action {
    if (this.loggedIn.delete(session)) return 'revoke';
    let share = this.random() * 100;
    const [action] = MIX.find(([, weight]) => (share -= weight) < 0) ?? MIX[0] ?? (['verify'] as const);
    if (action === 'create') this.loggedIn.add(session);
    return action;
  }
}

/** What so many sessions do in a time, whatever becomes of it: about 1.3 calls a second each. In order of time. */
export function scheduleOf(sessions: number, durationMs: number, seed: number): readonly Arrival[] {
  const random = randomFrom(seed);
  const habits = new Habits(random);
  const pause = (): number => PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least);
  const arrivals: Arrival[] = [];
  for (let session = 0; session < sessions; session += 1) {
    for (let atMs = random() * PAUSE_MS.most; atMs < durationMs; atMs += pause()) {
      arrivals.push({ atMs, session, action: habits.next(session) });
    }
  }
  return arrivals.sort((one, other) => one.atMs - other.atMs);
}
