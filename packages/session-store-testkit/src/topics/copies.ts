import assert from 'node:assert/strict';
import { accepted } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { created, digest, openedSession, refOf, sessionOf } from '../samples.ts';

/** Changes everything that can be changed. */
function scribble(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    scribble((value as Record<string, unknown>)[key]);
    Reflect.set(value, key, 'scribbled');
  }
}

function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

export const copies: Checks = {
  'S-18: changing what was given or answered changes nothing in the store': async ({ store }) => {
    const session = sessionOf({ data: { cart: ['a'], deep: { er: 1 } }, verifier: digest('a') });
    const ref = refOf(session);
    const before = copyOf(accepted(await store.sessions.create(session)));
    scribble(session.data);
    assert.deepEqual(accepted(await store.sessions.get(ref)), before);
    scribble(accepted(await store.sessions.get(ref)));
    assert.deepEqual(accepted(await store.sessions.get(ref)), before);
    scribble((await store.sessions.list({ tenantId: 'acme' }, { limit: 10 })).items[0]);
    assert.deepEqual(accepted(await store.sessions.get(ref)), before);
    scribble(accepted(await store.sessions.touch(ref)));
    assert.deepEqual(accepted(await store.sessions.get(ref)), before);
  },

  'S-18: changing a patch after the update changes nothing in the store': async ({ store }) => {
    const ref = refOf(await created(store));
    const data = { cart: ['a'] };
    const updated = copyOf(accepted(await store.sessions.update(ref, 1, { data })));
    data.cart.push('b');
    assert.deepEqual(accepted(await store.sessions.get(ref)), updated);
  },

  'S-18: leases and slots are copies too': async ({ store }) => {
    const lease = accepted(await store.leases.acquire('sweeper', 'a', 1000));
    const held = copyOf(lease);
    scribble(lease);
    assert.deepEqual(accepted(await store.leases.acquire('sweeper', 'a', 1000)), held);
    const pooled = await openedSession(store, 'session-1');
    const slots = await store.pool.list({ target: 'warehouse' }, { limit: 10 });
    const before = copyOf(slots);
    scribble(slots);
    scribble(pooled);
    assert.deepEqual(await store.pool.list({ target: 'warehouse' }, { limit: 10 }), before);
  },
};
