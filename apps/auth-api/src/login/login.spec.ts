import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuthTokens, LoginGuard } from '@mooring/auth-tokens';
import type { AuthEvent } from '@mooring/auth-tokens';
import { PasswordHasher, SessionEnds } from '@mooring/users';
import type { User } from '@mooring/users';
import { UserAdministration } from '../users/user-administration.ts';
import { CHEAP, startUsers } from '../users/users.fixture.ts';
import type { TestUsers } from '../users/users.fixture.ts';
import { GuardedPasswords } from './guarded-passwords.ts';
import { Login } from './login.ts';
import type { LoginAnswer, LoginParts } from './login.ts';
import { OwnPassword } from './own-password.ts';
import { startStore } from './session-store.fixture.ts';
import type { TestStore } from './session-store.fixture.ts';
import type { Caller } from './token-claims.ts';

const PASSWORD = 'a password of somebody';
const NEW_PASSWORD = 'another one, of the same';
const ROOT: Caller = { id: 'root', username: 'root', tenantId: 'harbour', role: 'system', rememberMe: false };

let server: TestUsers;
let opened: TestStore;
let tokens: AuthTokens;
let events: AuthEvent[];
let parts: LoginParts & { readonly guarded: GuardedPasswords; readonly passwords: PasswordHasher };
let administration: UserAdministration;
let own: OwnPassword;
let user: User;
beforeAll(async () => {
  [server, opened] = await Promise.all([startUsers(), startStore()]);
});
afterAll(() => Promise.all([server.stop(), opened.close()]));
beforeEach(async () => {
  const { users } = server;
  const { sessions, attempts, limits } = opened.store;
  events = [];
  const onEvent = (event: AuthEvent): void => void events.push(event);
  tokens = new AuthTokens({ sessions, onEvent });
  const passwords = new PasswordHasher({ cost: CHEAP, atOnce: 2, maxWaiting: 100 });
  const guard = new LoginGuard({ attempts, limits, onEvent });
  const guarded = new GuardedPasswords({ guard, passwords, findUser: (username) => users.findByName(username) });
  const shared = { users, passwords, guarded, ends: new SessionEnds(users, tokens), minLength: 15 };
  parts = { ...shared, tokens };
  administration = new UserAdministration(shared);
  own = new OwnPassword(shared);
  user = await server.create({ password: PASSWORD });
});

const login = (change: Partial<LoginParts> = {}, password = PASSWORD, username = user.username): Promise<LoginAnswer> =>
  new Login({ ...parts, ...change }).login({ username, password, client: { address: '192.0.2.1' } });

async function liveSessions(): Promise<number> {
  const tenants = ['acme', 'globex'];
  const pages = await Promise.all(
    tenants.map((tenantId) => tokens.list({ tenantId, subjectId: user.id }, { limit: 10 })),
  );
  return pages.flatMap(({ items }) => items).length;
}

const CHANGES: Readonly<Record<string, () => Promise<unknown>>> = {
  disabled: () => administration.change(ROOT, user.id, { disabled: true }),
  'given another role': () => administration.change(ROOT, user.id, { role: 'service' }),
  'moved to another tenant': () => administration.change(ROOT, user.id, { tenantId: 'globex' }),
  'given another password': () => administration.change(ROOT, user.id, { password: NEW_PASSWORD }),
  'changing the password': () =>
    own.change(
      { ...ROOT, ...user },
      { currentPassword: PASSWORD, newPassword: NEW_PASSWORD },
      { id: 'none-0123456789abcdef', address: undefined },
    ),
};

describe('a login', () => {
  it('answers a token and who it is', async () => {
    const answer = await login();
    if (!answer.ok) throw new Error(answer.reason);
    expect(await tokens.verify(answer.issued.token)).toMatchObject({
      ok: true,
      value: { subjectId: user.id, tenantId: 'acme', claims: { role: 'user', username: user.username } },
    });
  });

  describe.each(Object.keys(CHANGES))('that races with the user being %s', (name) => {
    const change = async (): Promise<void> => void (await CHANGES[name]?.());

    it('leaves no session when all of that came after the password was found right, and before the token', async () => {
      const issue: AuthTokens['issue'] = async (request) => {
        await change();
        return tokens.issue(request);
      };
      expect(await login({ tokens: { issue, revokeSession: tokens.revokeSession.bind(tokens) } })).toMatchObject({
        ok: false,
        reason: 'wrong',
      });
      expect(await liveSessions()).toBe(0);
    });

    it('leaves no session when it came between the token and the second look', async () => {
      const findById: LoginParts['users']['findById'] = async (id) => {
        await change();
        return server.users.findById(id);
      };
      expect(await login({ users: { findById, rehash: () => Promise.resolve() } })).toMatchObject({ ok: false });
      expect(await liveSessions()).toBe(0);
    });

    it('leaves no session when it came after the second look', async () => {
      const findById: LoginParts['users']['findById'] = async (id) => {
        const found = await server.users.findById(id);
        await change();
        return found;
      };
      expect(await login({ users: { findById, rehash: () => Promise.resolve() } })).toMatchObject({ ok: true });
      expect(await liveSessions()).toBe(0);
    });
  });

  it('whose session goes away with a store that failed in the middle of the change is ended later', async () => {
    const answer = await login();
    const revokeAll = (): Promise<never> => Promise.reject(new Error('the store is away'));
    const ends = new SessionEnds(server.users, { revokeAll });
    const broken = new UserAdministration({ ...parts, users: server.users, ends, minLength: 15 });
    await expect(broken.change(ROOT, user.id, { tenantId: 'globex', disabled: true })).rejects.toThrow('away');
    expect([answer.ok, await liveSessions()]).toEqual([true, 1]);
    expect(await login()).toMatchObject({ ok: false, reason: 'wrong' });
    expect(await new SessionEnds(server.users, tokens).finish(60_000)).toBe(0);
    expect(await new SessionEnds(server.users, tokens).finish(0)).toBe(1);
    expect(await liveSessions()).toBe(0);
    expect(await new SessionEnds(server.users, tokens).finish(0)).toBe(0);
  });

  it('at a cost that is not the present one hashes the password again, and ends nothing', async () => {
    const dear = new PasswordHasher({ cost: { ...CHEAP, passes: 3 }, atOnce: 2, maxWaiting: 100 });
    await login();
    const guarded = new GuardedPasswords({
      guard: new LoginGuard(opened.store),
      passwords: dear,
      findUser: (username) => server.users.findByName(username),
    });
    expect(await login({ guarded, passwords: dear })).toMatchObject({ ok: true });
    expect((await server.users.findById(user.id))?.passwordHash).toContain('t=3');
    expect(await login({ guarded, passwords: dear })).toMatchObject({ ok: true });
    expect([dear.total, await liveSessions()]).toEqual([3, 3]);
  });

  it('beyond the most sessions is refused where it is configured so', async () => {
    const limited = new AuthTokens({
      sessions: opened.store.sessions,
      options: { maxPerSubject: 1, onLimit: 'reject' },
    });
    expect((await login({ tokens: limited })).ok).toBe(true);
    expect(await login({ tokens: limited })).toEqual({ ok: false, reason: 'too_many_sessions' });
  });
});

describe('whatever is wrong with a login', () => {
  const hashesOf = async (attempt: () => Promise<LoginAnswer>): Promise<[LoginAnswer, number]> => {
    const before = parts.passwords.total;
    const answer = await attempt();
    return [answer, parts.passwords.total - before];
  };
  const WRONG = { ok: false, reason: 'wrong' };

  it('one password is looked at: wrong, of nobody, of a disabled user, of a locked one', async () => {
    expect(await hashesOf(() => login({}, 'wrong'))).toEqual([WRONG, 1]);
    expect(await hashesOf(() => login({}, PASSWORD, 'nobody'))).toEqual([WRONG, 1]);
    expect(await hashesOf(() => login({}, PASSWORD, 'no\u0000name'))).toEqual([WRONG, 1]);
    const { username } = user;
    await administration.change(ROOT, user.id, { disabled: true });
    expect(await hashesOf(() => login({}, PASSWORD, username))).toEqual([WRONG, 1]);
    await administration.change(ROOT, user.id, { disabled: false });
    await administration.unlock(ROOT, user.id, '192.0.2.1');
    expect((await login()).ok).toBe(true);
    for (let failure = 0; failure < 5; failure += 1) {
      expect(await parts.guarded.check({ username, password: 'x', address: '192.0.2.1' })).toEqual(WRONG);
    }
    expect(events.at(-1)).toMatchObject({ type: 'login_locked' });
    expect(await hashesOf(() => login())).toEqual([WRONG, 1]);
  });

  it('counts as a failure, whichever it is', async () => {
    await login({}, 'wrong');
    await login({}, PASSWORD, 'nobody');
    await administration.change(ROOT, user.id, { disabled: true });
    await login();
    expect(events.filter(({ type }) => type === 'login_failed')).toHaveLength(3);
  });
});
