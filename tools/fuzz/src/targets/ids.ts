import assert from 'node:assert/strict';
import { StoreError, newSessionId } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { decodeCursor, encodeCursor } from '@mooring/session-store/adapter';
import { createMemoryStore } from '@mooring/store-memory';
import { readCorpus } from '../corpus.ts';
import type { Target } from '../target.ts';

const DAY_MS = 86_400_000;
const OWNER = { tenantId: 'acme', subjectId: 'ann' };

/** What a call with an odd name may come to: an answer, or a refusal with a type. */
async function requireTyped(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    assert.ok(error instanceof StoreError, `failed with ${String(error)}`);
    assert.ok(['invalid_argument', 'too_large'].includes(error.code), `refused as ${error.code}`);
    assert.equal(error.outcome, 'not_applied');
    return undefined;
  }
}

async function check(store: StoreBackend, id: string, input: string): Promise<void> {
  const { sessions, leases, limits } = store;
  const found = await requireTyped(() => sessions.get({ tenantId: 'acme', id: input }));
  assert.ok(input === id || (found as { ok?: boolean } | undefined)?.ok !== true, 'a session has a second id');
  await requireTyped(() => sessions.get({ tenantId: input, id }));
  await requireTyped(() => sessions.list({ tenantId: 'acme' }, { limit: 2, cursor: input }));
  await requireTyped(() => sessions.list({ tenantId: input, subjectId: input }, { limit: 2 }));
  await requireTyped(() => limits.peek({ tenantId: input, name: input }, { limit: 1, windowMs: 1000 }));
  await requireTyped(() => leases.renew({ name: input, holder: input, fencingToken: 1, expiresAt: 0 }, 1000));
  const position = decodeCursor('sessions', input);
  if (position !== undefined) {
    assert.deepEqual(decodeCursor('sessions', encodeCursor('sessions', position)), position, 'a cursor changes');
  }
  assert.ok((await sessions.get({ tenantId: 'acme', id })).ok, 'a session is gone meanwhile');
}

export const idsTarget: Target = {
  name: 'ids',
  summary: 'session ids, names and cursors as a store takes them',
  corpus: readCorpus('ids'),
  testRuns: 500,
  async open() {
    const store = createMemoryStore();
    const id = newSessionId(OWNER);
    await store.sessions.create({ ...OWNER, id, data: {}, idleTimeoutMs: DAY_MS, lifetimeMs: DAY_MS });
    return {
      inputs: (mutations) => mutations,
      check: (input) => check(store, id, input),
      read: (input) => decodeCursor('sessions', input),
      close: () => store.close(),
    };
  },
};
