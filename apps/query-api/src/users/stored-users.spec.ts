import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { NewUser, Principal, User } from '@mooring/engine';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import { PasswordHasher, PasswordQueueFull, SessionEnds, UserDatabase, Users } from '@mooring/users';
import { PATIENT } from '../stack.fixture.ts';
import { ConfiguredUsers } from './configured-users.ts';
import { StoredUsers } from './stored-users.ts';

const PASSWORD = 'anchors aweigh, my boys';
const LOADER = { sha256: Buffer.alloc(32), principal: { tenantId: 'acme', userId: 'loader' } };
const ROOT: Principal = { tenantId: 'acme', userId: 'root', role: 'system' };

let postgres: TestPostgres;
let database: UserDatabase;
let users: Users;
let directory: StoredUsers;
let ended: string[];
let unlocked: string[];
let revoke: () => Promise<void>;
let hash: (text: string) => Promise<string>;
beforeAll(async () => {
  postgres = await testPostgres();
  const url = await postgres.createDatabase();
  database = await UserDatabase.open({ url, poolSize: 2, applicationName: 'stored-users', ...PATIENT });
  users = new Users(database);
});
afterAll(async () => {
  await database.close();
  await postgres.stop();
});
beforeEach(() => {
  [ended, unlocked] = [[], []];
  revoke = async () => {};
  const revokeAll = async ({ subjectId }: { readonly subjectId: string }): Promise<void> => {
    await revoke();
    ended.push(subjectId);
  };
  const hasher = new PasswordHasher({ cost: { memoryKib: 64, passes: 1, lanes: 1 }, atOnce: 1, maxWaiting: 0 });
  hash = (text) => hasher.hash(text);
  const configured = new ConfiguredUsers([LOADER]);
  const passwords = { hasher: { hash: (text: string) => hash(text) }, minLength: 15 };
  const unlock = async (name: string): Promise<void> => void unlocked.push(name);
  directory = new StoredUsers({ users, configured, ends: new SessionEnds(users, { revokeAll }), passwords, unlock });
});

const secret = (text: string) => ({ reveal: () => text, toString: () => '***', toJSON: () => '***' });
const wanted = (change: Partial<NewUser> = {}): NewUser => ({
  name: 'ann',
  role: 'user',
  password: secret(PASSWORD),
  ...change,
});

async function made(name: string, change: Partial<NewUser> = {}, tenantId = 'acme'): Promise<User> {
  const created = await directory.create(tenantId, wanted({ name, ...change }));
  if (!created.ok) throw new Error(created.reason);
  return created.value;
}

describe('a user', () => {
  it.each([
    ['without a password', { password: undefined }, 'invalid_argument', 'PASSWORD'],
    ['with a short one', { password: secret('tar') }, 'invalid_argument', 'at least 15 characters'],
    ['with a common one', { password: secret('passwordpassword!') }, 'invalid_argument', 'breaches'],
    ['with the role of nobody', { role: 'anonymous' }, 'invalid_argument', 'anonymous'],
    ['with a name that can not be', { name: 'a/b' }, 'invalid_name', '1 to 128'],
  ] as [string, Partial<NewUser>, string, string][])('%s is not made', async (_, change, code, words) => {
    const failed: unknown = await directory.create('acme', wanted(change)).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(String(failed)).not.toContain(change.password?.reveal() ?? PASSWORD);
  });

  it('has a name that nobody has: in the tenant it exists, in another one the name is taken', async () => {
    await made('Zoë');
    expect(await directory.create('acme', wanted({ name: 'zoë', password: undefined }))).toMatchObject({ ok: false });
    expect(await directory.create('acme', wanted({ name: 'loader' }))).toEqual({ ok: false, reason: 'exists' });
    const taken = expect.objectContaining({ code: 'already_exists', message: expect.stringContaining('all tenants') });
    await expect(directory.create('globex', wanted({ name: 'zoë' }))).rejects.toEqual(taken);
    expect([await directory.find('globex', 'zoë'), await directory.list('globex')]).toEqual([undefined, []]);
  });

  it('is changed once from what was read, by somebody else, and its sessions end', async () => {
    const bob = await made('bob');
    const changed = await directory.update(bob, { role: 'dba' }, ROOT);
    expect(changed).toMatchObject({ ok: true, value: { userId: bob.userId, role: 'dba', version: 2 } });
    expect(ended).toEqual([bob.userId]);
    expect(await directory.update(bob, { role: 'user' }, ROOT)).toEqual({ ok: false, reason: 'changed' });
    const own = { ...ROOT, userId: bob.userId };
    await expect(directory.update(bob, { password: secret(PASSWORD) }, own)).rejects.toMatchObject({
      code: 'forbidden',
    });
    const weak = directory.update({ ...bob, version: 2 }, { password: secret('bob') }, ROOT);
    await expect(weak).rejects.toMatchObject({ code: 'invalid_argument', facts: { rule: 'too_short' } });
    const elsewhere = { ...bob, tenantId: 'globex' };
    expect(await directory.update(elsewhere, { role: 'user' }, ROOT)).toEqual({ ok: false, reason: 'not_found' });
    expect(ended).toHaveLength(1);
  });

  it('is let in again with a new password, and with that alone', async () => {
    const dan = await made('dan');
    const changed = await directory.update(dan, { role: 'dba' }, ROOT);
    if (!changed.ok) throw new Error(changed.reason);
    expect(unlocked).toEqual([]);
    await directory.update(changed.value, { password: secret(`${PASSWORD}!`) }, ROOT);
    expect(unlocked).toEqual(['dan']);
  });

  it('of the configuration is neither changed nor dropped', async () => {
    const [loader] = (await directory.list('acme')).filter(({ name }) => name === 'loader');
    if (loader === undefined) throw new Error('gone');
    await expect(directory.update(loader, { disabled: true }, ROOT)).rejects.toMatchObject({
      code: 'unsupported_statement',
    });
    await expect(directory.remove(loader)).rejects.toMatchObject({ code: 'unsupported_statement' });
  });

  it('is dropped when its sessions have ended: disabled where they could not be, and gone with the next try', async () => {
    const cy = await made('cy');
    revoke = () => Promise.reject(new Error('the store is away'));
    await expect(directory.remove(cy)).rejects.toThrow('away');
    const left = await directory.find('acme', 'cy');
    expect(left).toMatchObject({ disabled: true, version: 2 });
    expect(await directory.remove(cy)).toEqual({ ok: false, reason: 'changed' });
    revoke = async () => {};
    if (left !== undefined) expect(await directory.remove(left)).toEqual({ ok: true, value: null });
    expect(ended).toContain(cy.userId);
    expect(await directory.find('acme', 'cy')).toBeUndefined();
    expect(await directory.remove(cy)).toEqual({ ok: false, reason: 'not_found' });
    expect((await made('cy')).userId).not.toBe(cy.userId);
  });

  it('that is the last with the role system is neither disabled nor dropped', async () => {
    const last = await made('last', { role: 'system' });
    await expect(directory.remove(last)).rejects.toMatchObject({ code: 'in_use' });
    await expect(directory.update(last, { disabled: true }, ROOT)).rejects.toMatchObject({ code: 'in_use' });
    expect(await directory.find('acme', 'last')).toMatchObject({ disabled: false, version: 1 });
  });

  it('costs a statement to find, two to make, three to change and four to drop', async () => {
    const sent = jest.spyOn(database, 'all');
    const statements = async <T>(work: Promise<T>): Promise<[T, number]> => {
      const before = sent.mock.calls.length;
      return [await work, sent.mock.calls.length - before];
    };
    const [eve, toMake] = await statements(made('eve'));
    const [, toFind] = await statements(directory.find('acme', 'eve'));
    const [, toSeeThatItExists] = await statements(directory.create('acme', wanted({ name: 'eve' })));
    const [, toList] = await statements(directory.list('acme'));
    const [changed, toChange] = await statements(directory.update(eve, { role: 'service' }, ROOT));
    if (!changed.ok) throw new Error(changed.reason);
    const [, toDrop] = await statements(directory.remove(changed.value));
    expect([toFind, toList, toSeeThatItExists, toMake, toChange, toDrop]).toEqual([1, 1, 1, 2, 3, 4]);
    sent.mockRestore();
  });

  it('is to be made later where too many passwords are being hashed', async () => {
    hash = () => Promise.reject(new PasswordQueueFull());
    const busy = expect.objectContaining({ code: 'too_busy', retryable: true });
    await expect(directory.create('acme', wanted({ name: 'late' }))).rejects.toEqual(busy);
  });
});
