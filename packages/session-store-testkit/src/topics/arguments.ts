import assert from 'node:assert/strict';
import type { NewSession, SessionData } from '@mooring/session-store';
import { accepted, failsWith, refusedAs } from '../expectations.ts';
import type { Check, Checks } from '../harness.ts';
import { created, isAlive, poolRequest, refOf, sessionOf } from '../samples.ts';

const BAD_SESSIONS: Readonly<Record<string, Partial<NewSession>>> = {
  'an id that is a glob': { id: '*'.repeat(20) },
  'an id of 200 characters': { id: 'a'.repeat(200) },
  'an id with a path in it': { id: '../../../../etc/passwd' },
  'an empty tenant': { tenantId: '' },
  'a tenant of 300 characters': { tenantId: 'x'.repeat(300) },
  'a tenant with U+0000': { tenantId: 'a\u0000b' },
  'half a surrogate pair': { subjectId: '\ud800' },
  'an idle timeout of 0': { idleTimeoutMs: 0 },
  'a lifetime in the past': { lifetimeMs: -1 },
  'half a millisecond': { idleTimeoutMs: 0.5 },
  'no number at all': { lifetimeMs: Number.NaN },
  'a lifetime above 400 days': { lifetimeMs: 34_560_000_001 },
  'a verifier that is not hashed': { verifier: 'secret' },
  'U+0000 in the data': { data: { a: 'x\u0000y' } },
  'data that is a list': { data: [] as unknown as SessionData },
};

const refuses =
  (change: Partial<NewSession>): Check =>
  async ({ store }) => {
    const error = await failsWith('invalid_argument', store.sessions.create(sessionOf(change)));
    assert.equal(error.outcome, 'not_applied');
    assert.equal(error.retryable, false);
  };

const ODD_NAMES = ['__proto__', 'constructor', '*', '?', '[a]', "'; drop table x; --", '日本語 ü🙂', 'a:b{c}', '%_\\'];

export const argumentsTopic: Checks = {
  ...Object.fromEntries(
    Object.entries(BAD_SESSIONS).map(([name, change]) => [`S-09: a session is refused with ${name}`, refuses(change)]),
  ),

  'bad arguments are refused by every operation on sessions': async ({ store }) => {
    const bad = { tenantId: 'acme', id: '*' };
    const ref = refOf(await created(store));
    await failsWith('invalid_argument', store.sessions.get(bad));
    await failsWith('invalid_argument', store.sessions.touch(bad));
    await failsWith('invalid_argument', store.sessions.touch(ref, { presented: 'secret' }));
    await failsWith('invalid_argument', store.sessions.update(ref, 0, {}));
    await failsWith('invalid_argument', store.sessions.update(ref, 1, { idleTimeoutMs: 0 }));
    await failsWith('invalid_argument', store.sessions.rotate(ref, { presented: 'a', next: 'b', graceMs: 0 }));
    await failsWith('invalid_argument', store.sessions.revoke(bad, 'logout'));
    await failsWith('invalid_argument', store.sessions.revokeWhere({ tenantId: '', subjectId: 'ann' }, 'logout'));
    await failsWith('invalid_argument', store.sessions.list({ tenantId: 'acme' }, { limit: 0 }));
    await failsWith('invalid_argument', store.sessions.list({ tenantId: 'acme' }, { limit: 1001 }));
    const noSubject = sessionOf({ subjectId: null });
    await failsWith('invalid_argument', store.sessions.create(noSubject, { maxPerSubject: 1 }));
  },

  'bad arguments are refused by leases, the pool and sweeps': async ({ store }) => {
    await failsWith('invalid_argument', store.leases.acquire('', 'a', 1000));
    await failsWith('invalid_argument', store.leases.acquire('sweeper', 'a', 0));
    await failsWith('invalid_argument', store.pool.acquire(poolRequest({ maxPerKey: 0 })));
    await failsWith('invalid_argument', store.pool.acquire(poolRequest({ leaseId: '' })));
    await failsWith('invalid_argument', store.sweep({ target: 'sessions', limit: 0 }));
    await failsWith('invalid_argument', store.sweep({ target: 'nonsense' as 'sessions', limit: 1 }));
  },

  'names of any storable kind are names': async ({ store }) => {
    for (const name of [...ODD_NAMES, 'x'.repeat(256)]) {
      const record = await created(store, { tenantId: name, subjectId: name, data: { name } });
      assert.deepEqual(accepted(await store.sessions.get(refOf(record))), record);
      const { items } = await store.sessions.list({ tenantId: name, subjectId: name }, { limit: 10 });
      assert.equal(items.length, 1);
      accepted(await store.leases.acquire(name, name, 1000));
      const key = { target: name, tenantId: name, identity: name };
      accepted(await store.pool.acquire(poolRequest({ key })));
    }
    refusedAs(await store.sessions.get({ tenantId: 'toString', id: 'a'.repeat(20) }), 'not_found');
  },

  'data comes back as it was given': async ({ store }) => {
    const data = JSON.parse(
      '{"__proto__":{"polluted":true},"":"","a.b":[[],{},null,0,-1.5e-7,9007199254740991],"ü🙂":"\\u2028\\"\\\\","n":null}',
    ) as SessionData;
    const ref = refOf(await created(store, { data }));
    assert.equal(JSON.stringify(accepted(await store.sessions.get(ref)).data), JSON.stringify(data));
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  },

  'data of the largest size is kept, one byte more is refused': async ({ store, harness }) => {
    const { maxDataBytes } = harness.capabilities;
    const largest = { a: 'x'.repeat(maxDataBytes - '{"a":""}'.length) };
    const ref = refOf(await created(store, { data: largest }));
    assert.deepEqual(accepted(await store.sessions.get(ref)).data, largest);
    const larger = { a: `${largest.a}x` };
    const error = await failsWith('too_large', store.sessions.create(sessionOf({ data: larger })));
    assert.equal(error.outcome, 'not_applied');
    await failsWith('too_large', store.sessions.update(ref, 1, { data: larger }));
    await failsWith('too_large', store.sessions.update(ref, 1, { data: { a: 'ü'.repeat(maxDataBytes / 2) } }));
    assert.ok(await isAlive(store, ref));
  },

  'an error repeats no value that it was given': async ({ store }) => {
    const error = await failsWith('invalid_argument', store.sessions.create(sessionOf({ verifier: 'hunter2' })));
    assert.ok(!error.message.includes('hunter2'));
  },
};
