import assert from 'node:assert/strict';
import type { SessionOwner } from '@mooring/session-store';
import { accepted, failsWith, parallel, refusedAs } from '../expectations.ts';
import { needing } from '../harness.ts';
import type { Checks } from '../harness.ts';
import { allPages, created, digest, isAlive, refOf, sessionOf } from '../samples.ts';

const ANN: SessionOwner & { readonly subjectId: string } = { tenantId: 'acme', subjectId: 'ann' };
const ids = (sessions: readonly { readonly id: string }[]): string[] => sessions.map(({ id }) => id);

export const owners: Checks = {
  'a list shows the live sessions of a subject, newest first, without verifiers': async ({ store, second, clock }) => {
    const made: string[] = [];
    for (let index = 0; index < 4; index++) {
      made.unshift((await created(store, { verifier: digest(`v${index}`), data: { index } })).id);
      await clock.advance(1);
    }
    await created(store, { subjectId: 'bob' });
    accepted(await store.sessions.revoke({ tenantId: 'acme', id: made[1] ?? '' }, 'logout'));
    const { items, cursor } = await second.sessions.list(ANN, { limit: 10 });
    assert.deepEqual(ids(items), [made[0], made[2], made[3]]);
    assert.equal(cursor, undefined);
    for (const item of items) assert.ok(!('verifier' in item), 'a list must not show verifiers');
    const { verifier: _, ...summary } = accepted(await store.sessions.get(refOf(items[0] ?? sessionOf())));
    assert.deepEqual(items[0], summary);
  },

  'S-12: expired sessions leave the list at their deadline': async ({ store, clock }) => {
    const long = await created(store);
    for (let index = 0; index < 3; index++) await created(store, { idleTimeoutMs: 1000 });
    await clock.advance(999);
    assert.equal((await store.sessions.list(ANN, { limit: 10 })).items.length, 4);
    await clock.advance(1);
    assert.deepEqual(ids((await store.sessions.list(ANN, { limit: 10 })).items), [long.id]);
  },

  'pages hold each session once, in both kinds of list': async ({ store, clock }) => {
    const made: string[] = [];
    for (let index = 0; index < 11; index++) {
      made.unshift((await created(store)).id);
      await clock.advance(index % 2);
    }
    for (const limit of [1, 3, 11, 50]) {
      const ofSubject = await allPages(limit, (page) => store.sessions.list(ANN, page));
      assert.deepEqual(ids(ofSubject).sort(), [...made].sort());
      const times = ofSubject.map(({ createdAt }) => createdAt);
      assert.deepEqual(
        times,
        [...times].sort((one, other) => other - one),
      );
      const ofTenant = await allPages(limit, (page) => store.sessions.list({ tenantId: 'acme' }, page));
      assert.deepEqual(ids(ofTenant).sort(), [...made].sort());
    }
  },

  'paging while sessions come and go shows all that stay, once each': async ({ store, second, clock }) => {
    const stay: string[] = [];
    const go: string[] = [];
    for (let index = 0; index < 20; index++) {
      (index % 2 === 0 ? stay : go).push((await created(store)).id);
      await clock.advance(1);
    }
    for (const owner of [ANN, { tenantId: 'acme' }]) {
      const seen = await allPages(3, async (page) => {
        const answer = await store.sessions.list(owner, page);
        await created(second, { idleTimeoutMs: 1 });
        const id = go.pop();
        if (id !== undefined) await second.sessions.revoke({ tenantId: 'acme', id }, 'logout');
        return answer;
      });
      assert.equal(new Set(ids(seen)).size, seen.length, 'a session was shown twice');
      for (const id of stay) assert.ok(ids(seen).includes(id), 'a session that stayed was not shown');
    }
  },

  'a cursor of another list is refused': async ({ store }) => {
    await created(store);
    await created(store);
    const { cursor = '' } = await store.sessions.list(ANN, { limit: 1 });
    await failsWith('invalid_argument', store.sessions.list({ tenantId: 'acme' }, { limit: 1, cursor }));
    await failsWith('invalid_argument', store.sessions.list({ ...ANN, subjectId: 'bob' }, { limit: 1, cursor }));
    await failsWith('invalid_argument', store.sessions.list(ANN, { limit: 1, cursor: 'nonsense' }));
  },

  'S-13: ending all sessions of a subject ends those and no others': async ({ store, second, clock }) => {
    const refs = [refOf(await created(store)), refOf(await created(second))];
    const other = refOf(await created(store, { subjectId: 'bob' }));
    await clock.advance(1000);
    const { notBefore, revoked } = await store.sessions.revokeWhere(ANN, 'password changed');
    assert.equal(notBefore, clock.now());
    assert.ok(revoked === undefined || revoked === 2, `revoked ${String(revoked)} sessions, there were 2`);
    for (const ref of refs) {
      refusedAs(await second.sessions.get(ref), 'revoked');
      refusedAs(await second.sessions.touch(ref), 'revoked');
      refusedAs(await second.sessions.update(ref, 1, { data: {} }), 'revoked');
    }
    assert.ok(await isAlive(store, other));
    assert.deepEqual((await store.sessions.list(ANN, { limit: 10 })).items, []);
    await clock.advance(1);
    assert.ok(await isAlive(second, await created(store)), 'a session of after that must live');
  },

  'the session that asks stays alive': async ({ store, second, clock }) => {
    const mine = await created(store, { verifier: digest('a') });
    const other = refOf(await created(store));
    await clock.advance(1);
    await store.sessions.revokeWhere({ ...ANN, exceptId: mine.id }, 'password changed');
    assert.deepEqual(accepted(await second.sessions.get(refOf(mine))), mine);
    refusedAs(await second.sessions.get(other), 'revoked');
    await clock.advance(1);
    await store.sessions.revokeWhere(ANN, 'everywhere');
    refusedAs(await second.sessions.get(refOf(mine)), 'revoked');
  },

  'a session that was spared can go on to rotate and to be touched': async ({ store, clock }) => {
    const mine = refOf(await created(store, { verifier: digest('a') }));
    await clock.advance(1);
    await store.sessions.revokeWhere({ ...ANN, exceptId: mine.id }, 'password changed');
    accepted(await store.sessions.touch(mine, { presented: digest('a') }));
    accepted(await store.sessions.rotate(mine, { presented: digest('a'), next: digest('b'), graceMs: 0 }));
    assert.ok(await isAlive(store, mine));
  },

  'S-13: no session that was created before the call survives 20 racing creations': async (trial) => {
    const before = await Promise.all(Array.from({ length: 5 }, () => created(trial.store)));
    const results = await parallel(trial, 21, async (store, index) =>
      index === 10 ? store.sessions.revokeWhere(ANN, 'everywhere') : created(store),
    );
    const raced = results.filter((result) => 'id' in result);
    for (const ref of [...before, ...raced]) refusedAs(await trial.store.sessions.get(refOf(ref)), 'revoked');
  },

  'S-13: a session that the index lost ends with the others of its subject': needing(
    'raw.dropIndexEntry',
    async ({ store, second, clock, namespace }, dropIndexEntry) => {
      const lost = refOf(await created(store));
      const kept = refOf(await created(store));
      await dropIndexEntry(namespace, lost);
      assert.deepEqual(ids((await store.sessions.list(ANN, { limit: 10 })).items), [kept.id]);
      assert.ok(await isAlive(second, lost), 'the session went with its entry; it proves nothing');
      await clock.advance(1);
      await store.sessions.revokeWhere(ANN, 'everywhere');
      for (const ref of [lost, kept]) {
        refusedAs(await second.sessions.get(ref), 'revoked');
        refusedAs(await second.sessions.touch(ref), 'revoked');
      }
    },
  ),
};
