import assert from 'node:assert/strict';
import type { StoreBackend } from '@mooring/session-store';
import { accepted, failsWith, refusedAs } from '../expectations.ts';
import { needing } from '../harness.ts';
import type { Check, Checks, Trial } from '../harness.ts';
import { created, digest, isAlive, refOf, sessionOf } from '../samples.ts';
import type { SessionRecord } from '@mooring/session-store';

const ANN = { tenantId: 'acme', subjectId: 'ann' };

interface Damaged {
  readonly damaged: SessionRecord;
  /** Another session of the same subject. */
  readonly sound: SessionRecord;
}

/** A check with one session whose record can't be read. */
const withDamage = (check: (trial: Trial, sessions: Damaged) => Promise<void>): Check =>
  needing('raw.damageSession', async (trial, damage) => {
    const sound = await created(trial.store);
    const damaged = await created(trial.store, { verifier: digest('a') });
    await trial.clock.advance(1);
    await damage(trial.namespace, refOf(damaged));
    await check(trial, { damaged, sound });
  });

const corrupt = (call: (store: StoreBackend, damaged: SessionRecord) => Promise<unknown>): Check =>
  withDamage(async ({ store, second }, { damaged, sound }) => {
    for (const client of [store, second]) {
      const error = await failsWith('corrupt', call(client, damaged));
      assert.equal(error.retryable, false);
    }
    assert.ok(await isAlive(store, sound), 'another session went with it');
  });

export const damagedRecords: Checks = {
  'S-17: reading a damaged record is an error of its own, not a missing session': corrupt((store, record) =>
    store.sessions.get(refOf(record)),
  ),
  'S-17: touching a damaged record is an error of its own': corrupt((store, record) =>
    store.sessions.touch(refOf(record), { presented: digest('a') }),
  ),
  'S-17: rotating a damaged record is an error of its own': corrupt((store, record) =>
    store.sessions.rotate(refOf(record), { presented: digest('a'), next: digest('a'), graceMs: 60_000 }),
  ),
  'S-17: a list of a subject with a damaged record says so': corrupt((store) =>
    store.sessions.list(ANN, { limit: 10 }),
  ),
  'S-17: a list of a tenant with a damaged record says so': corrupt((store) =>
    store.sessions.list({ tenantId: 'acme' }, { limit: 10 }),
  ),

  'S-17: a damaged record takes no other with it': withDamage(async ({ store, second }, { damaged, sound }) => {
    await failsWith('corrupt', store.sessions.get(refOf(damaged)));
    accepted(await second.sessions.touch(refOf(sound)));
    accepted(await store.sessions.update(refOf(sound), 1, { data: { still: 'here' } }));
    assert.ok(await isAlive(store, await created(second)));
    refusedAs(await store.sessions.create(sessionOf({ id: damaged.id })), 'exists');
  }),

  'S-17: a damaged record keeps nobody from ending all sessions of its subject': withDamage(
    async ({ store, second }, { damaged, sound }) => {
      await store.sessions.revokeWhere(ANN, 'password changed');
      refusedAs(await second.sessions.get(refOf(sound)), 'revoked');
      const seen = await second.sessions.get(refOf(damaged)).catch(() => ({ ok: false }));
      assert.equal(seen.ok, false);
    },
  ),

  'S-17: a damaged record keeps no sweep from its work': withDamage(async ({ store, clock }, { damaged }) => {
    const later = await created(store, { idleTimeoutMs: 2000 });
    await clock.advance(3_600_000);
    for (let batches = 0; batches < 10; batches++) {
      if (!accepted(await store.sweep({ target: 'sessions', limit: 10 })).more) break;
    }
    refusedAs(await store.sessions.get(refOf(later)), 'not_found', 'expired_idle', 'expired_absolute');
    const after = await created(store);
    assert.ok(await isAlive(store, after));
    const seen = await store.sessions.get(refOf(damaged)).catch(() => ({ ok: false }));
    assert.equal(seen.ok, false);
  }),
};
