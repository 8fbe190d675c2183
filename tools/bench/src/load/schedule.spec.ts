import { describe, expect, it } from '@jest/globals';
import { scheduleOf, type Arrival } from './schedule.ts';

const SESSIONS = 200;
const schedule = scheduleOf(SESSIONS, 20_000, 7);

function ofSession(session: number): readonly Arrival[] {
  return schedule.filter((arrival) => arrival.session === session);
}

describe('scheduleOf', () => {
  it('is the same for the same seed, and in order of time', () => {
    expect(scheduleOf(SESSIONS, 20_000, 7)).toEqual(schedule);
    expect(scheduleOf(SESSIONS, 20_000, 8)).not.toEqual(schedule);
    const times = schedule.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times[times.length - 1]).toBeLessThan(20_000);
  });

  it('lets each session pause for 500 to 1000 ms', () => {
    for (let session = 0; session < SESSIONS; session += 1) {
      const times = ofSession(session).map(({ atMs }) => atMs);
      expect(times.length).toBeGreaterThanOrEqual(19);
      expect(times[0]).toBeLessThan(1000);
      for (const [index, atMs] of times.slice(1).entries()) {
        expect(atMs - (times[index] ?? 0)).toBeGreaterThanOrEqual(500);
        expect(atMs - (times[index] ?? 0)).toBeLessThanOrEqual(1000);
      }
    }
  });

  it('ends what a session began, at its next turn', () => {
    for (let session = 0; session < SESSIONS; session += 1) {
      const actions = ofSession(session).map(({ action }) => action);
      for (const [index, action] of actions.entries()) {
        expect(action === 'revoke').toBe(actions[index - 1] === 'create');
      }
    }
  });

  it('is mixed as it says', () => {
    const share = (action: string): number =>
      schedule.filter((arrival) => arrival.action === action).length / schedule.length;
    expect(share('verify')).toBeCloseTo(0.57, 1);
    expect(share('touch')).toBeCloseTo(0.14, 1);
    for (const action of ['consume', 'update', 'create', 'revoke']) expect(share(action)).toBeGreaterThan(0.02);
  });
});
