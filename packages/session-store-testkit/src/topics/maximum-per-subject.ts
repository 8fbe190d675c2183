import assert from 'node:assert/strict';
import { accepted, countOf, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { created, isAlive, refOf, sessionOf } from '../samples.ts';

const ANN = { tenantId: 'acme', subjectId: 'ann' };

export const maximumPerSubject: Checks = {
  'S-14: 30 creations at once never pass the maximum of live sessions': async (trial) => {
    const results = await parallel(trial, 30, (store) => store.sessions.create(sessionOf(), { maxPerSubject: 5 }));
    assert.equal(
      countOf(results, ({ ok }) => ok),
      5,
    );
    for (const result of results) if (!result.ok) refusedAs(result, 'limit');
    assert.equal((await trial.store.sessions.list(ANN, { limit: 100 })).items.length, 5);
  },

  'S-14: 30 creations at once that evict leave the maximum': async (trial) => {
    const options = { maxPerSubject: 4, onLimit: 'evict-oldest' } as const;
    for (const result of await parallel(trial, 30, (store) => store.sessions.create(sessionOf(), options))) {
      accepted(result);
    }
    assert.equal((await trial.store.sessions.list(ANN, { limit: 100 })).items.length, 4);
  },

  'the oldest sessions make room, and leave tombstones': async ({ store, clock }) => {
    const made = [];
    for (let index = 0; index < 3; index++) {
      made.push(await created(store));
      await clock.advance(1);
    }
    const [oldest, ...younger] = made;
    const newest = sessionOf();
    accepted(await store.sessions.create(newest, { maxPerSubject: 3, onLimit: 'evict-oldest' }));
    refusedAs(await store.sessions.get(refOf(oldest ?? newest)), 'revoked');
    for (const session of [...younger, newest]) assert.ok(await isAlive(store, refOf(session)));
  },

  'dead sessions do not count against the maximum': async ({ store, clock }) => {
    await created(store, { idleTimeoutMs: 1000 });
    await store.sessions.revoke(refOf(await created(store)), 'logout');
    await created(store, { subjectId: 'bob' });
    refusedAs(await store.sessions.create(sessionOf(), { maxPerSubject: 1 }), 'limit');
    await clock.advance(1000);
    accepted(await store.sessions.create(sessionOf(), { maxPerSubject: 1 }));
  },
};
