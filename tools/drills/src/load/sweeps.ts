import { setTimeout } from 'node:timers/promises';
import { ask } from './clients.ts';
import type { Caller } from './world.ts';

const PAUSE_MS = 500;
export const SWEEP_TASK = 'sweep-auth';

/** An administrator who has expired sessions swept now, beside the schedule. */
export const SWEEPS: Caller = {
  name: 'sweeps',
  async call(world) {
    await setTimeout(PAUSE_MS);
    const { token } = world.people.root;
    const path = ['worker', 'POST', `/tasks/${SWEEP_TASK}/run`] as const;
    return (await ask(world, path, { token, body: {} }, [200, 202, 409])) !== undefined;
  },
};
