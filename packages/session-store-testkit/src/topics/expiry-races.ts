import assert from 'node:assert/strict';
import { refused } from '@mooring/session-store';
import type { Result, SessionRecord } from '@mooring/session-store';
import { accepted, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { created, digest, isAlive, refOf, sessionOf } from '../samples.ts';

const ROUNDS = 10;

export const expiryRaces: Checks = {
  'S-11: what is written anew survives those who read its expired predecessor': async (trial) => {
    const { store, clock } = trial;
    for (let round = 0; round < ROUNDS; round++) {
      const session = sessionOf({ idleTimeoutMs: 1000 });
      accepted(await store.sessions.create(session));
      await clock.advance(1000);
      const anew = { ...session, idleTimeoutMs: 60_000, data: { round } };
      let result: Result<SessionRecord, string> = refused('exists');
      await parallel(trial, 6, async (client, index) => {
        if (index === 2) await client.sweep({ target: 'sessions', limit: 10 });
        if (index === 3) result = await client.sessions.create(anew);
        else await client.sessions.get(refOf(session));
      });
      if (!result.ok) result = await store.sessions.create(anew);
      for (const client of [store, trial.second]) {
        const read = await client.sessions.get(refOf(session));
        if (result.ok) assert.deepEqual(accepted(read).data, { round });
        else refusedAs(read, 'expired_idle');
      }
    }
  },

  'S-11: a touch that comes in time survives those who find the session expired a moment later': async (trial) => {
    const { store, clock } = trial;
    for (let round = 0; round < ROUNDS; round++) {
      const ref = refOf(await created(store, { idleTimeoutMs: 1000, verifier: digest('a') }));
      await clock.advance(999);
      const touches = parallel(trial, 4, (client) => client.sessions.touch(ref, { presented: digest('a') }));
      for (const touched of await touches) accepted(touched);
      await clock.advance(1);
      await parallel(trial, 4, async (client, index) => {
        if (index % 2 === 0) await client.sweep({ target: 'sessions', limit: 10 });
        else await client.sessions.list({ tenantId: 'acme' }, { limit: 10 });
      });
      assert.ok(await isAlive(store, ref));
      accepted(await store.sessions.revoke(ref, 'logout'));
    }
  },
};
