import assert from 'node:assert/strict';
import { newSessionId, partitionOf } from '@mooring/session-store';
import { accepted, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { created, digest, isAlive, poolRequest, refOf, sessionOf } from '../samples.ts';

/** A subject whose sessions at both tenants may have the same ids. */
function subjectOfBoth(): string {
  for (let index = 0; ; index++) {
    const subject = `subject-${index}`;
    if (partitionOf('acme', subject) === partitionOf('globex', subject)) return subject;
  }
}

export const tenants: Checks = {
  'S-15: the same subject and session id at another tenant are another session': async ({ store, second }) => {
    const subjectId = subjectOfBoth();
    const id = newSessionId({ tenantId: 'acme', subjectId });
    const acme = await created(store, { tenantId: 'acme', subjectId, id, data: { of: 'acme' } });
    const globex = await created(second, { tenantId: 'globex', subjectId, id, data: { of: 'globex' } });
    assert.deepEqual(accepted(await store.sessions.get(refOf(acme))), acme);
    assert.deepEqual(accepted(await store.sessions.get(refOf(globex))), globex);
    accepted(await store.sessions.revoke(refOf(globex), 'logout'));
    assert.ok(await isAlive(store, refOf(acme)));
  },

  "S-15: another tenant's session is not found by any operation": async ({ store }) => {
    const acme = await created(store, { verifier: digest('a') });
    const ref = { tenantId: 'globex', id: acme.id };
    refusedAs(await store.sessions.get(ref), 'not_found');
    refusedAs(await store.sessions.touch(ref, { presented: digest('a') }), 'not_found');
    refusedAs(await store.sessions.update(ref, 1, { data: { taken: true } }), 'not_found');
    const rotation = { presented: digest('a'), next: digest('b'), graceMs: 0 };
    refusedAs(await store.sessions.rotate(ref, rotation), 'not_found');
    refusedAs(await store.sessions.revoke(ref, 'logout'), 'not_found');
    assert.deepEqual(accepted(await store.sessions.get(refOf(acme))), acme);
  },

  'S-15: lists and ends of one tenant leave the other alone': async ({ store, clock }) => {
    const acme = await created(store, { tenantId: 'acme', subjectId: 'ann' });
    const globex = await created(store, { tenantId: 'globex', subjectId: 'ann' });
    for (const owner of [{ tenantId: 'globex' }, { tenantId: 'globex', subjectId: 'ann' }]) {
      const { items } = await store.sessions.list(owner, { limit: 10 });
      assert.deepEqual(
        items.map(({ tenantId, id }) => ({ tenantId, id })),
        [refOf(globex)],
      );
    }
    await clock.advance(1);
    await store.sessions.revokeWhere({ tenantId: 'globex', subjectId: 'ann' }, 'everywhere');
    assert.ok(await isAlive(store, refOf(acme)));
    assert.equal(await isAlive(store, refOf(globex)), false);
  },

  "S-15: another tenant's sessions do not count against a maximum": async ({ store }) => {
    await created(store, { tenantId: 'globex', subjectId: 'ann' });
    accepted(await store.sessions.create(sessionOf(), { maxPerSubject: 1 }));
  },

  'names that differ only in where they are cut are different owners': async ({ store, clock }) => {
    const one = await created(store, { tenantId: 'a', subjectId: 'b:c' });
    const other = await created(store, { tenantId: 'a:b', subjectId: 'c' });
    await clock.advance(1);
    await store.sessions.revokeWhere({ tenantId: 'a', subjectId: 'b:c' }, 'everywhere');
    assert.equal(await isAlive(store, refOf(one)), false);
    assert.ok(await isAlive(store, refOf(other)));
  },

  'a list of pooled sessions shows those of the tenant asked for': async ({ store }) => {
    const key = { target: 'warehouse', identity: 'reader' };
    accepted(await store.pool.acquire(poolRequest({ key: { ...key, tenantId: 'acme' } })));
    accepted(await store.pool.acquire(poolRequest({ key: { ...key, tenantId: 'globex' } })));
    const { items } = await store.pool.list({ target: 'warehouse', tenantId: 'acme' }, { limit: 10 });
    assert.deepEqual(
      items.map((slot) => slot.key.tenantId),
      ['acme'],
    );
    assert.equal((await store.pool.list({ target: 'warehouse' }, { limit: 10 })).items.length, 2);
  },
};
