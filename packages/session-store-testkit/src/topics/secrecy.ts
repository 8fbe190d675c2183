import assert from 'node:assert/strict';
import { accepted, failsWith } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { created, digest, refOf, sessionOf } from '../samples.ts';

const CANARY = 'canary-3f9a-never-stored';

export const secrecy: Checks = {
  'S-19: a verifier is nowhere in what the backend holds': async ({ harness, store }) => {
    const ref = refOf(await created(store, { verifier: digest(CANARY) }));
    accepted(await store.sessions.rotate(ref, { presented: digest(CANARY), next: digest('next'), graceMs: 1000 }));
    if (harness.rawDump === undefined) return;
    const dump = await harness.rawDump();
    assert.ok(dump.includes(ref.id), 'the dump shows nothing of this session; it proves nothing');
    assert.ok(!dump.includes(CANARY), 'the dump holds a verifier');
  },

  'S-19: errors hold neither ids nor data nor digests': async ({ store }) => {
    const session = sessionOf({ subjectId: CANARY, data: { secret: CANARY }, verifier: digest(CANARY) });
    const error = await failsWith('invalid_argument', store.sessions.create({ ...session, idleTimeoutMs: 0 }));
    await store.close();
    const closed = await failsWith('closed', store.sessions.get(refOf(session)));
    for (const { message, stack = '' } of [error, closed]) {
      for (const secret of [CANARY, session.id, digest(CANARY)]) {
        assert.ok(!message.includes(secret) && !stack.includes(secret), 'an error holds a secret');
      }
    }
  },
};
