import assert from 'node:assert/strict';
import type { StoreBackend } from '@mooring/session-store';
import { needing } from '../harness.ts';
import type { Checks, Trial } from '../harness.ts';
import type { OpenOptions } from '../powers.ts';
import { created, isAlive } from '../samples.ts';

const CLIENTS = 8;

/** All clients open at the same instant, and each sees what the others made. */
async function openTogether(trial: Trial, open: (options: OpenOptions) => Promise<StoreBackend>): Promise<void> {
  const options = { namespace: `${trial.namespace}-together`, clock: trial.clock };
  const stores = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const store = trial.keep(await open(options));
      return { store, made: await created(store) };
    }),
  );
  for (const { store } of stores) for (const { made } of stores) assert.ok(await isAlive(store, made));
}

export const opening: Checks = {
  'F-04: 8 clients that open at once all work': needing('shared', (trial) =>
    openTogether(trial, (options) => trial.harness.open(options)),
  ),

  'F-04: 8 clients that open at once on a backend that nobody used yet all work': needing(
    'pristine',
    async (trial, pristine) => {
      const backend = await pristine();
      trial.keep({ close: () => backend.remove() });
      await openTogether(trial, (options) => backend.open(options));
    },
  ),
};
