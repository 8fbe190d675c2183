import { describe, expect, it } from '@jest/globals';
import type { Result } from '@mooring/session-store';
import { auth, typesOf } from './auth.fixture.ts';
import type { IssuedToken } from './auth-tokens.ts';
import { formatToken, newVerifier, parseToken } from './token.ts';

function tokenOf(answer: Result<IssuedToken, 'invalid'>): string {
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value.token;
}

describe('rotation', () => {
  it('replaces the token and keeps the session', async () => {
    const { tokens, issue } = auth();
    const { token, principal } = await issue();
    const next = tokenOf(await tokens.rotate(token));
    expect(next).not.toBe(token);
    const verified = await tokens.verify(next);
    expect(verified).toMatchObject({ ok: true, value: { id: principal.id, superseded: false } });
  });

  it('of 10 at once gives all of them one successor', async () => {
    const { tokens, issue, events } = auth();
    const { token } = await issue();
    const answers = await Promise.all(Array.from({ length: 10 }, () => tokens.rotate(token)));
    const successors = new Set(answers.map(tokenOf));
    expect(successors.size).toBe(1);
    expect((await tokens.verify([...successors][0])).ok).toBe(true);
    expect(typesOf(events).filter((type) => type === 'token_rotated')).toHaveLength(1);
    expect(typesOf(events).filter((type) => type === 'token_replayed')).toHaveLength(9);
  });

  it('lets the token before count for its grace, and gives it the successor', async () => {
    const { tokens, clock, issue } = auth({ rotationGraceMs: 5000 });
    const { token } = await issue();
    const next = tokenOf(await tokens.rotate(token));
    await clock.advance(4999);
    expect(await tokens.verify(token)).toMatchObject({ ok: true, value: { superseded: true } });
    expect(tokenOf(await tokens.rotate(token))).toBe(next);
  });

  it('takes a token that is presented after its grace for stolen: the session ends, and it is said', async () => {
    const { tokens, clock, issue, events } = auth({ rotationGraceMs: 5000 });
    const { token } = await issue();
    const next = tokenOf(await tokens.rotate(token));
    await clock.advance(5000);
    expect(await tokens.verify(token)).toEqual({ ok: false, reason: 'invalid' });
    expect(await tokens.verify(next)).toEqual({ ok: false, reason: 'invalid' });
    expect(typesOf(events)).toEqual(['token_issued', 'token_rotated', 'token_reused', 'token_refused revoked']);
  });

  it('takes the token before the last one for stolen at once', async () => {
    const { tokens, issue, events } = auth();
    const { token } = await issue();
    const second = tokenOf(await tokens.rotate(token));
    const third = tokenOf(await tokens.rotate(second));
    expect((await tokens.rotate(token)).ok).toBe(false);
    expect((await tokens.verify(third)).ok).toBe(false);
    expect(typesOf(events)).toContain('token_reused');
  });

  it('lets no guess end a session', async () => {
    const { tokens, issue, clock } = auth();
    const { token } = await issue();
    const next = tokenOf(await tokens.rotate(token));
    await clock.advance(60_000);
    const parts = parseToken('mrg', next);
    if (parts === undefined) throw new Error('no token');
    for (let guess = 0; guess < 50; guess += 1) {
      const guessed = formatToken('mrg', { ...parts, verifier: newVerifier() });
      expect((await tokens.rotate(guessed)).ok).toBe(false);
    }
    expect((await tokens.verify(next)).ok).toBe(true);
  });

  it('makes no successor out of what only the store knows, or only the token', async () => {
    const { store, tokens, issue } = auth();
    const { token, principal } = await issue();
    const found = await store.sessions.get(principal);
    if (!found.ok) throw new Error(found.reason);
    const next = tokenOf(await tokens.rotate(token));
    const secret = (text: string): string => parseToken('mrg', text)?.verifier ?? '';
    const stored = JSON.stringify(found.value);
    expect(stored).not.toContain(secret(token));
    expect(stored).not.toContain(secret(next));
    const other = await issue();
    expect(tokenOf(await tokens.rotate(other.token))).not.toBe(next);
  });
});
