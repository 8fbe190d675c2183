import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { ask } from './clients.ts';
import type { Caller } from './world.ts';

/** Of every session. */
export const SESSION_LIMIT = { requests: 100, windowSeconds: 10 };

const AT_ONCE = 4;
const PAUSE_MS = 150;

/** Asks faster than the limit of a session lets through. */
export const LIMIT: Caller = {
  name: 'requests beyond a limit',
  async call(world) {
    const { ledger, people } = world;
    const { token } = people.eager;
    const one = async (): Promise<boolean> => {
      const sentAt = performance.now();
      const answer = await ask(world, ['query', 'GET', '/v1/queries?limit=1'], { token }, [200, 429]);
      if (answer?.status === 200) ledger.admissions.push({ sentAt, answeredAt: performance.now() });
      return answer !== undefined;
    };
    const answered = await Promise.all(Array.from({ length: AT_ONCE }, one));
    await setTimeout(PAUSE_MS);
    return answered.every(Boolean);
  },
};
