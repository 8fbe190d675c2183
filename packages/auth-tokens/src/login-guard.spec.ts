import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { counted } from './auth.fixture.ts';
import type { AuthEvent } from './events.ts';
import { LoginGuard } from './login-guard.ts';
import type { LoginAttempt } from './login-guard.ts';
import type { LoginGuardOptions } from './login-policy.ts';

const MINUTE_MS = 60_000;
const ANN: LoginAttempt = { tenantId: 'acme', account: 'ann', address: '192.0.2.1' };

function setUp(options: LoginGuardOptions = {}) {
  const clock = new ManualClock();
  const store = createMemoryStore({ namespace: 'auth', clock });
  const attempts = counted(store.attempts);
  const limits = counted(store.limits);
  const events: AuthEvent[] = [];
  const guard = new LoginGuard({
    attempts: attempts.port,
    limits: limits.port,
    options,
    clock,
    onEvent: (event) => events.push(event),
  });
  /** A wrong password, or false when it was not even looked at. */
  const wrong = async (change: Partial<LoginAttempt> = {}): Promise<boolean> => {
    const attempt = { ...ANN, ...change };
    const { admitted } = await guard.admit(attempt);
    if (admitted) await guard.failed(attempt);
    await clock.advance(2001);
    return admitted;
  };
  const wrongTimes = async (count: number, change: (index: number) => Partial<LoginAttempt>): Promise<number> => {
    let looked = 0;
    for (let index = 0; index < count; index += 1) if (await wrong(change(index))) looked += 1;
    return looked;
  };
  return { clock, guard, events, wrong, wrongTimes, calls: [attempts.calls, limits.calls] };
}

describe('LoginGuard', () => {
  it('locks an account from one address after 5 failures, and from there alone', async () => {
    const { guard, wrongTimes, events } = setUp();
    expect(await wrongTimes(9, () => ({}))).toBe(5);
    expect(await guard.admit(ANN)).toMatchObject({ admitted: false, reason: 'account_locked' });
    expect(await guard.admit({ ...ANN, address: '192.0.2.2' })).toMatchObject({ admitted: true });
    expect(await guard.admit({ ...ANN, account: 'bob' })).toMatchObject({ admitted: true });
    expect(await guard.admit({ ...ANN, tenantId: 'globex' })).toMatchObject({ admitted: true });
    expect(events.filter(({ type }) => type === 'login_failed')).toHaveLength(5);
  });

  it('takes an account for the same however it is typed, and IPv6 addresses of one network for one', async () => {
    const { guard, wrongTimes } = setUp();
    const typed = ['ann', 'ANN', ' Ann ', 'ａｎｎ', 'aNN'];
    await wrongTimes(5, (index) => ({ account: typed[index] ?? '', address: `2001:db8::${index + 1}` }));
    expect(await guard.admit({ ...ANN, address: '2001:db8::99' })).toMatchObject({ admitted: false });
    expect(await guard.admit({ ...ANN, address: '2001:db9::1' })).toMatchObject({ admitted: true });
  });

  it('locks for longer each time', async () => {
    const { guard, wrong, clock } = setUp();
    const known = { ...ANN, knownDevice: true };
    while (await wrong(known));
    const waits: number[] = [];
    for (let lock = 0; lock < 8; lock += 1) {
      const denied = await guard.admit(known);
      if (denied.admitted) throw new Error('it was let in');
      waits.push(Math.ceil(denied.retryAfterMs / MINUTE_MS));
      await clock.advance(denied.retryAfterMs);
      while (await wrong(known));
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('locks an account that is attacked from many addresses, but for devices that it knows', async () => {
    const { guard, wrongTimes } = setUp();
    expect(await wrongTimes(40, (index) => ({ address: `198.51.100.${index}` }))).toBe(20);
    expect(await guard.admit(ANN)).toMatchObject({ admitted: false, reason: 'account_locked' });
    expect(await guard.admit({ ...ANN, knownDevice: true })).toMatchObject({ admitted: true });
    await guard.unlock(ANN);
    expect(await guard.admit(ANN)).toMatchObject({ admitted: true });
  });

  it('disables an account after 100 failures in a row, until it is unlocked', async () => {
    const { guard, clock } = setUp();
    let failures = 0;
    for (; failures < 100; failures += 1) {
      const attempt = { ...ANN, address: `2001:db8:${failures.toString(16)}::1` };
      let admission = await guard.admit(attempt);
      for (; !admission.admitted; admission = await guard.admit(attempt)) await clock.advance(admission.retryAfterMs);
      await guard.failed(attempt);
    }
    const denied = await guard.admit({ ...ANN, address: '203.0.113.1' });
    expect(denied).toMatchObject({
      admitted: false,
      reason: 'account_locked',
      retryAfterMs: 400 * 24 * 60 * MINUTE_MS,
    });
    await guard.unlock({ ...ANN, address: '203.0.113.1' });
    expect(await guard.admit({ ...ANN, address: '203.0.113.1' })).toMatchObject({ admitted: true });
  });

  it('locks an address that tries many accounts, and says so', async () => {
    const { guard, wrongTimes } = setUp();
    expect(await wrongTimes(120, (index) => ({ account: `user-${index}` }))).toBe(100);
    expect(await guard.admit({ ...ANN, account: 'somebody else' })).toMatchObject({
      admitted: false,
      reason: 'address_locked',
    });
    expect(await guard.admit({ ...ANN, account: 'user-1', address: '192.0.2.2' })).toMatchObject({ admitted: true });
  });

  it('clears the account by a success, and not the address', async () => {
    const { guard, wrongTimes, clock } = setUp({
      address: { limit: 8, windowMs: 60 * MINUTE_MS, lockStepsMs: [MINUTE_MS], resetAfterMs: 60 * MINUTE_MS },
    });
    await wrongTimes(4, () => ({}));
    expect(await guard.admit(ANN)).toMatchObject({ admitted: true });
    await guard.succeeded(ANN);
    await clock.advance(10_000);
    expect(await wrongTimes(6, () => ({}))).toBe(4);
    expect(await guard.admit(ANN)).toMatchObject({ reason: 'address_locked' });
  });

  it('lets a burst guess no more often than a sequence', async () => {
    const { guard } = setUp();
    const admissions = await Promise.all(Array.from({ length: 50 }, () => guard.admit(ANN)));
    expect(admissions.filter(({ admitted }) => admitted)).toHaveLength(5);
    expect(admissions.at(-1)).toEqual({ admitted: false, reason: 'too_many_at_once', retryAfterMs: 10_000 });
    const spread = await Promise.all(
      Array.from({ length: 50 }, (_, index) => guard.admit({ ...ANN, account: 'bob', address: `198.51.100.${index}` })),
    );
    expect(spread.filter(({ admitted }) => admitted)).toHaveLength(20);
    const known = { ...ANN, account: 'bob', knownDevice: true };
    const own = await Promise.all(Array.from({ length: 10 }, () => guard.admit(known)));
    expect(own.filter(({ admitted }) => admitted)).toHaveLength(5);
  });

  it('lets somebody who knows the password log in as often as they like', async () => {
    const { guard } = setUp();
    for (let login = 0; login < 30; login += 1) {
      expect(await guard.admit(ANN)).toEqual({ admitted: true, delayMs: 0 });
      await guard.succeeded(ANN);
    }
  });

  it('delays answers more with each failure', async () => {
    const { guard, wrong } = setUp({
      accountAddress: { limit: 10, windowMs: 60 * MINUTE_MS, lockStepsMs: [MINUTE_MS], resetAfterMs: MINUTE_MS },
    });
    const delays: number[] = [];
    for (let index = 0; index < 8; index += 1) {
      const admission = await guard.admit(ANN);
      delays.push(admission.admitted ? admission.delayMs : -1);
      await wrong();
    }
    expect(delays).toEqual([0, 0, 0, 250, 500, 1000, 2000, 2000]);
  });

  it('asks the store three things at once, and tells it and the log no names', async () => {
    const { guard, calls, events } = setUp();
    const secret = { ...ANN, account: 'correct horse battery staple' };
    await guard.admit(secret);
    expect(calls).toEqual([['check'], ['consume', 'consume']]);
    await guard.failed(secret);
    expect(JSON.stringify(events)).not.toMatch(/horse/);
    expect(events).toEqual([
      expect.objectContaining({ type: 'login_failed', tenantId: 'acme', address: '192.0.2.1', lockedUntil: null }),
    ]);
  });

  it.each([
    [{ account: { limit: 0, windowMs: 1, lockStepsMs: [1], resetAfterMs: 1 } }, 'account.limit must be'],
    [{ address: { limit: 1, windowMs: 1, lockStepsMs: [], resetAfterMs: 1 } }, 'address.lockStepsMs.length must be'],
    [{ delayMs: -1 }, 'delayMs must be'],
    [{ burstWindowMs: 0 }, 'burstWindowMs must be'],
  ])('refuses %j', (options, message) => {
    expect(() => setUp(options)).toThrow(message);
  });
});
