import type { Crowd } from './crowd.ts';
import { Habits, randomFrom, type Action, type Arrival } from './schedule.ts';

/** What was measured of one crowd: milliseconds of each call, by what was done. */
export interface LoopFigures {
  readonly latenciesMs: Readonly<Record<Action, readonly number[]>>;
  /** How late calls were made. In an open loop it is part of their latency. */
  readonly latenessMs: readonly number[];
  readonly failures: readonly unknown[];
  readonly elapsedMs: number;
}

const ACTIONS: readonly Action[] = ['verify', 'touch', 'update', 'consume', 'create', 'revoke'];

type Log = { latenciesMs: Record<Action, number[]>; latenessMs: number[]; failures: unknown[] };

function newLog(): Log {
  const latenciesMs = Object.fromEntries(ACTIONS.map((action) => [action, []])) as unknown as Record<Action, number[]>;
  return { latenciesMs, latenessMs: [], failures: [] };
}

/**
 * Open loop: calls are made when the schedule says, whether or not others have ended, and a call's latency begins then,
 * so that a stall counts for everyone whom it kept waiting. Only a session itself does one thing after the other. What
 * is scheduled within `warmUpMs` does not count.
 */
export async function openLoop(crowd: Crowd, schedule: readonly Arrival[], warmUpMs: number): Promise<LoopFigures> {
  const log = newLog();
  const sessions: Promise<void>[] = [];
  const startedAt = performance.now();
  const start = ({ atMs, session, action }: Arrival): void => {
    const counts = atMs >= warmUpMs;
    if (counts) log.latenessMs.push(performance.now() - startedAt - atMs);
    const run = async (): Promise<void> => {
      try {
        await crowd.act(session, action);
        if (counts) log.latenciesMs[action].push(performance.now() - startedAt - atMs);
      } catch (error) {
        log.failures.push(error);
      }
    };
    const before = sessions[session];
    sessions[session] = before === undefined ? run() : before.then(run);
  };
  await new Promise<void>((resolve) => {
    let next = 0;
    const tick = (): void => {
      const nowMs = performance.now() - startedAt;
      for (let due = schedule[next]; due !== undefined && due.atMs <= nowMs; due = schedule[next]) {
        next += 1;
        start(due);
      }
      const waiting = schedule[next];
      if (waiting === undefined) resolve();
      else setTimeout(tick, waiting.atMs - nowMs);
    };
    tick();
  });
  await Promise.all(sessions);
  return { ...log, elapsedMs: performance.now() - startedAt };
}

/** Closed loop: all sessions at once, each its next call when its last has ended. */
export async function closedLoop(
  crowd: Crowd,
  sessions: number,
  callsEach: number,
  seed: number,
): Promise<LoopFigures> {
  const log = newLog();
  const habits = new Habits(randomFrom(seed));
  const startedAt = performance.now();
  const caller = async (session: number): Promise<void> => {
    for (let calls = 0; calls < callsEach; calls += 1) {
      const action = habits.next(session);
      const calledAt = performance.now();
      try {
        await crowd.act(session, action);
        log.latenciesMs[action].push(performance.now() - calledAt);
      } catch (error) {
        log.failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: sessions }, (_, session) => caller(session)));
  return { ...log, elapsedMs: performance.now() - startedAt };
}
