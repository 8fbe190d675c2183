import { expect, it } from '@jest/globals';
import { newSessionId } from '@mooring/session-store';
import type { SessionRef } from '@mooring/session-store';
import { createMemoryStore } from './index.ts';

const ANN = { tenantId: 'acme', subjectId: 'ann' };

it('when the clock is set back, the end of all sessions ends those from before it and none from after it', async () => {
  let now = 1_767_225_600_000;
  const store = createMemoryStore({ clock: { now: () => now, after: () => () => undefined } });
  const { sessions } = store;
  const verifier = 'a'.repeat(43);
  const created = async (): Promise<SessionRef> => {
    const session = { ...ANN, id: newSessionId(ANN), data: {}, idleTimeoutMs: 100, lifetimeMs: 1000, verifier };
    expect((await sessions.create(session)).ok).toBe(true);
    return session;
  };
  const before = await created();
  now -= 50;
  expect(await sessions.revokeWhere(ANN, 'password changed')).toEqual({ notBefore: now + 50, revoked: 1 });
  expect(await sessions.get(before)).toEqual({ ok: false, reason: 'revoked' });
  const after = await created();
  const proof = { presented: verifier, next: 'b'.repeat(43), graceMs: 0, reauthenticated: true };
  expect((await sessions.rotate(after, proof)).ok).toBe(true);
  expect((await sessions.get(after)).ok).toBe(true);
  expect(await sessions.revokeWhere(ANN, 'password changed')).toEqual({ notBefore: now + 51, revoked: 1 });
  expect(await sessions.get(after)).toEqual({ ok: false, reason: 'revoked' });
  await store.close();
});
