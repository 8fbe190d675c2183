import assert from 'node:assert/strict';
import { accepted, refusedAs } from '../expectations.ts';
import { needing } from '../harness.ts';
import type { Check, Checks } from '../harness.ts';
import { created, isAlive, openedSession, poolRequest, refOf, sessionOf } from '../samples.ts';

/** What a namespace may be taken for: a glob, a pattern, a hash tag, a part of the one beside it. */
const SUFFIXES = ['*', '?', '[a-z]', ':x', '{tag}', '\\', '%', '_', "'", ' ü🙂'];

function apart(suffix: string): Check {
  return async ({ store, clock, open }) => {
    const beside = await open(suffix);
    const session = sessionOf({ idleTimeoutMs: 100_000 });
    accepted(await store.sessions.create(session));
    refusedAs(await beside.sessions.get(refOf(session)), 'not_found');
    accepted(await beside.sessions.create({ ...session, idleTimeoutMs: 1000, data: { beside: true } }));
    assert.deepEqual(accepted(await store.sessions.get(refOf(session))).data, {});
    await clock.advance(1000);
    await beside.sweep({ target: 'sessions', limit: 1000 });
    await beside.sessions.revokeWhere({ tenantId: 'acme', subjectId: 'ann' }, 'everywhere');
    assert.ok(await isAlive(store, refOf(session)), 'a sweep or an end beside reached this namespace');
    assert.equal((await beside.sessions.list({ tenantId: 'acme' }, { limit: 10 })).items.length, 0);
  };
}

export const namespaces: Checks = {
  ...Object.fromEntries(
    SUFFIXES.map((suffix) => [`S-16: a namespace and the one with "${suffix}" after it are apart`, apart(suffix)]),
  ),

  'S-16: leases of one name in two namespaces are two leases': async ({ store, open }) => {
    const beside = await open('-beside');
    accepted(await store.leases.acquire('sweeper', 'a', 1000));
    accepted(await beside.leases.acquire('sweeper', 'b', 1000));
  },

  'S-16: pooled sessions are not given out in another namespace, nor do they count there': async ({ store, open }) => {
    const beside = await open('-beside');
    const change = { maxPerKey: 1, maxPerTarget: 1 };
    const lease = await openedSession(store, 'session-1', change);
    accepted(await store.pool.release(lease, { usableForMs: 50_000, aliveForMs: 70_000 }));
    assert.equal(accepted(await beside.pool.acquire(poolRequest(change))).sessionId, null);
    assert.equal((await beside.pool.list({ target: 'warehouse' }, { limit: 10 })).items.length, 1);
  },

  'clients of one namespace see the same rows': needing('shared', async ({ store, open }) => {
    const other = await open();
    const record = await created(store);
    assert.deepEqual(accepted(await other.sessions.get(refOf(record))), record);
  }),
};
