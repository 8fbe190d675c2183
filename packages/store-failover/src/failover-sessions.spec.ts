import { describe, expect, it } from '@jest/globals';
import { CopyMemory } from '@mooring/simulation';
import { Processes, digest, failureOf, newSession, settled } from './processes.fixture.ts';

const verified = { presented: digest('v1'), minIntervalMs: 10_000 };

describe('copies can only say yes', () => {
  it('a wrong verifier, a previous one and a deadline that is near are for the authority', async () => {
    const processes = new Processes();
    const one = await processes.start();
    const session = await processes.copied(one);
    const touch = (verifier: string) => one.sessions.touch(session, { ...verified, presented: digest(verifier) });
    expect(await touch('random')).toEqual({ ok: false, reason: 'mismatch' });
    expect(one.authority.taken()).toEqual(['touch']);
    await one.sessions.rotate(session, { presented: digest('v1'), next: digest('v2'), graceMs: 1000 });
    for (let reading = 0; reading < 3; reading++) await one.sessions.get(session);
    one.authority.taken();
    expect(await one.sessions.touch(session, { ...verified, graceMs: 1000 })).toMatchObject({
      value: { superseded: true },
    });
    expect(one.authority.taken()).toEqual(['touch']);
    await processes.clock.advance(60_000);
    expect(await one.sessions.get(session)).toEqual({ ok: false, reason: 'expired_idle' });
  });

  it('a session without a verifier has none to match', async () => {
    const processes = new Processes();
    const one = await processes.start();
    const session = await processes.copied(one, { verifier: null });
    expect(await one.sessions.touch(session, verified)).toEqual({ ok: false, reason: 'mismatch' });
    expect((await one.sessions.touch(session, { minIntervalMs: 10_000 })).ok).toBe(true);
  });
});

describe('races', () => {
  it('N-01: a session that is read, then revoked, then copied is not copied', async () => {
    const processes = new Processes();
    const [one, other] = [await processes.start(), await processes.start()];
    const session = await processes.copied(other);
    await other.sessions.update(session, 1, { data: {} });
    const release = one.authority.hold('after', 'get');
    const reading = one.sessions.get(session);
    await settled();
    expect(one.authority.taken()).toEqual(['get']);
    expect((await other.sessions.revoke(session, 'logout')).ok).toBe(true);
    release();
    expect((await reading).ok).toBe(true);
    await settled();
    expect(one.copies.taken()).toEqual(['find', 'keep']);
    for (const { sessions } of [one, other]) {
      expect(await sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
    }
  });

  it('a copy that is being kept while its session is revoked does not outlive that', async () => {
    const processes = new Processes();
    const [one, other] = [await processes.start(), await processes.start()];
    const session = await processes.copied(other);
    await other.sessions.update(session, 1, { data: {} });
    const release = one.copies.hold('before', 'keep');
    expect((await one.sessions.get(session)).ok).toBe(true);
    expect((await other.sessions.revoke(session, 'logout')).ok).toBe(true);
    release();
    await settled();
    expect((await one.sessions.get(session)).ok).toBe(false);
  });

  it('a change is not answered before its copy is deleted', async () => {
    const processes = new Processes();
    const one = await processes.start();
    const session = await processes.copied(one);
    const release = one.copies.hold('before', 'forget');
    let isAnswered = false;
    const revoking = one.sessions.revoke(session, 'logout').then(() => {
      isAnswered = true;
    });
    await settled();
    expect(isAnswered).toBe(false);
    release();
    await revoking;
  });
});

describe('a process that is cut off from the accelerator', () => {
  it('what it revokes is refused by the others from the moment it is acknowledged', async () => {
    const processes = new Processes();
    const [one, other] = [await processes.start(), await processes.start()];
    const session = await processes.copied(other);
    one.copies.fault = 'before';
    const before = processes.timer.now();
    expect((await one.sessions.revoke(session, 'logout')).ok).toBe(true);
    expect(processes.timer.now() - before).toBeGreaterThanOrEqual(1000);
    expect(await other.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
  });

  it('waits once, not with each change', async () => {
    const processes = new Processes();
    const [one, other] = [await processes.start(), await processes.start()];
    const [first, ...rest] = await Promise.all(Array.from({ length: 20 }, () => processes.copied(other)));
    one.copies.fault = 'before';
    await one.sessions.revoke(first as NonNullable<typeof first>, 'logout');
    const before = processes.timer.now();
    for (const session of rest) await one.sessions.revoke(session, 'logout');
    expect(processes.timer.now()).toBe(before);
    for (const session of rest) expect((await other.sessions.get(session)).ok).toBe(false);
  });

  it('twenty changes at once end one epoch', async () => {
    const processes = new Processes();
    const one = await processes.start();
    const sessions = await Promise.all(Array.from({ length: 20 }, () => processes.copied(one)));
    one.copies.fault = 'before';
    one.authority.taken();
    await Promise.all(sessions.map((session) => one.sessions.revoke(session, 'logout')));
    const statements = one.authority.taken();
    expect(statements.filter((name) => name === 'update')).toHaveLength(1);
  });

  it('hears from others that the accelerator is back, and ends no epoch of theirs', async () => {
    const processes = new Processes();
    const one = await processes.start({ firstRetryMs: 600_000, longestRetryMs: 600_000 });
    const other = await processes.start();
    const session = await processes.copied(other);
    one.copies.fault = 'before';
    for (let turn = 0; turn < 5; turn++) await processes.later(600, one);
    await one.sessions.update(session, 1, { data: {} });
    one.copies.fault = 'none';
    for (let turn = 0; turn < 10; turn++) await processes.later(600, other);
    expect([one.store.state.mode, other.store.usesCopies]).toEqual(['degraded', true]);
    one.authority.taken();
    one.copies.taken();
    expect((await one.sessions.revoke(session, 'logout')).ok).toBe(true);
    expect([one.authority.taken(), one.copies.taken()]).toEqual([
      ['revoke', 'get'],
      ['incarnation', 'forget'],
    ]);
    expect(one.store.state.mode).toBe('accelerated');
  });

  it('a lost answer of the accelerator is asked for again, and costs no epoch', async () => {
    const processes = new Processes();
    const one = await processes.start();
    const session = await processes.copied(one);
    one.copies.loseOne('forget');
    expect((await one.sessions.revoke(session, 'logout')).ok).toBe(true);
    expect(one.authority.taken()).toEqual(['revoke', 'get']);
    expect(one.copies.taken()).toEqual(['forget', 'incarnation', 'forget']);
    expect(one.store.usesCopies).toBe(true);
  });
});

describe('processes with different accelerators', () => {
  it('never use copies at the same time, and see what the other revokes', async () => {
    const processes = new Processes();
    const one = await processes.start();
    const session = await processes.copied(one);
    expect(one.store.usesCopies).toBe(true);
    const other = await processes.start({ memory: new CopyMemory() });
    expect((await other.sessions.revoke(session, 'logout')).ok).toBe(true);
    expect(await one.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
    let both = 0;
    for (let round = 0; round < 100; round++) {
      await processes.later(700, one, other);
      if (one.store.usesCopies && other.store.usesCopies) both += 1;
    }
    expect(both).toBe(0);
  });

  it('a process that believes for longer is waited for as long', async () => {
    const processes = new Processes();
    const patient = await processes.start({ maxStalenessMs: 20_000 });
    const session = await processes.copied(patient);
    const hasty = await processes.start({ maxStalenessMs: 100, isCut: true });
    expect((await hasty.sessions.revoke(session, 'logout')).ok).toBe(true);
    expect(await patient.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
  });
});

describe('changes that nobody acknowledged', () => {
  it('leave a copy that the next change of the session replaces', async () => {
    const processes = new Processes();
    const one = await processes.start();
    const session = await processes.copied(one, { subjectId: null });
    await processes.backend.sessions.revoke(session, 'by a process that ended');
    const next = { ...newSession({ subjectId: null, data: { of: 'next' } }), id: session.id };
    expect((await one.sessions.create(next, { replace: 'dead' })).ok).toBe(true);
    expect(await one.sessions.get(session)).toMatchObject({ ok: true, value: { version: 2, data: { of: 'next' } } });
  });

  it('leave a copy that goes as soon as the authority contradicts it', async () => {
    const processes = new Processes();
    const one = await processes.start();
    const session = await processes.copied(one);
    await processes.backend.sessions.revoke(session, 'by a process that ended');
    expect(await one.sessions.update(session, 1, { data: {} })).toEqual({ ok: false, reason: 'revoked' });
    expect(await one.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });

    const touched = await processes.copied(one);
    await processes.backend.sessions.revoke(touched, 'by a process that ended');
    await processes.clock.advance(20_000);
    expect(await one.sessions.touch(touched, verified)).toEqual({ ok: false, reason: 'revoked' });
    await settled();
    expect(await one.sessions.get(touched)).toEqual({ ok: false, reason: 'revoked' });
  });

  it('with an unknown outcome are taken for made: the copy goes, the error stays', async () => {
    const processes = new Processes();
    const [one, other] = [await processes.start(), await processes.start()];
    const session = await processes.copied(one);
    one.authority.fault = 'after';
    expect(await failureOf(one.sessions.revoke(session, 'logout'))).toMatchObject({ outcome: 'unknown' });
    expect(one.copies.taken()).toEqual(['forget']);
    expect(await other.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
  });

  it('and whose copy is out of reach are made good when the authority answers again', async () => {
    const processes = new Processes();
    const [one, other] = [await processes.start(), await processes.start()];
    const session = await processes.copied(one);
    one.authority.fault = 'after';
    one.copies.fault = 'before';
    expect(await failureOf(one.sessions.revoke(session, 'logout'))).toMatchObject({ outcome: 'unknown' });
    expect(one.store.usesCopies).toBe(false);
    one.authority.fault = 'none';
    await processes.later(500, one);
    await processes.later(1000, other);
    expect(await other.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
  });

  it('a copy that can neither be deleted nor made worthless fails the change, and repeating it works', async () => {
    const processes = new Processes();
    const [one, other] = [await processes.start(), await processes.start()];
    const session = await processes.copied(other);
    one.copies.fault = 'before';
    const release = one.authority.hold('after', 'revoke');
    const revoking = failureOf(one.sessions.revoke(session, 'logout'));
    await settled();
    one.authority.fault = 'before';
    release();
    const error = await revoking;
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'unknown', retryable: true, backend: 'failover' });
    expect(error.message).not.toContain(session.id);
    one.authority.fault = 'none';
    expect((await one.sessions.revoke(session, 'logout')).ok).toBe(true);
    expect(await other.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
  });
});

describe('an authority that does not answer', () => {
  it('copies answer for as long as the epoch may be believed, then nobody does', async () => {
    const processes = new Processes();
    const one = await processes.start();
    const session = await processes.copied(one);
    one.authority.fault = 'before';
    await processes.timer.wait(800);
    expect((await one.sessions.get(session)).ok).toBe(true);
    await processes.timer.wait(200);
    expect(await failureOf(one.sessions.get(session))).toMatchObject({ code: 'unavailable' });
    expect(await failureOf(one.sessions.touch(session, verified))).toMatchObject({ code: 'unavailable' });
    one.authority.fault = 'none';
    expect((await one.sessions.get(session)).ok).toBe(true);
  });

  it('F-02: neither its failures nor refusals count against the accelerator', async () => {
    const processes = new Processes();
    const one = await processes.start({ failuresToOpen: 1 });
    const busy = await processes.copied(one, { subjectId: 'bob' });
    const session = await processes.copied(one);
    for (let call = 0; call < 50; call++) {
      await one.sessions.touch(busy, { presented: digest('random'), minIntervalMs: 1 });
      await one.sessions.update(busy, 9, { data: {} });
      await one.sessions.get(newSession());
      await one.sessions.create(newSession(), { maxPerSubject: 1 });
    }
    one.authority.fault = 'before';
    for (let call = 0; call < 50; call++) await failureOf(one.sessions.get(newSession()));
    expect(one.store.state).toMatchObject({ mode: 'accelerated', reason: null });
    one.authority.taken();
    one.copies.taken();
    expect((await one.sessions.get(session)).ok).toBe(true);
    expect([one.authority.taken(), one.copies.taken()]).toEqual([[], ['find']]);
  });
});
