import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import {
  ask,
  auditsOf,
  createUser,
  login,
  me,
  patchUser,
  rootToken,
  startCluster,
  tokenOf,
} from '../cluster.fixture.ts';
import type { Answer, Cluster, KnownUser } from '../cluster.fixture.ts';

let cluster: Cluster;
let pods: readonly [ServiceProcess, ServiceProcess];
beforeAll(async () => {
  cluster = await startCluster();
  pods = await Promise.all([cluster.start(), cluster.start()]);
});
afterAll(() => cluster.stop());

const USERS = '/auth/users';
const PASSWORD = 'a password that nobody has';
let count = 0;
const newName = (): string => `new-${(count += 1)}`;

const create = (token: string, body: object): Promise<Answer> =>
  ask(pods[0], 'POST', USERS, { token, body: { username: newName(), password: PASSWORD, ...body } });
const patch = (token: string, { id }: Pick<KnownUser, 'id'>, body: object): Promise<Answer> =>
  ask(pods[0], 'PATCH', `${USERS}/${id}`, { token, body });
const see = (token: string, { id }: Pick<KnownUser, 'id'>): Promise<Answer> =>
  ask(pods[0], 'GET', `${USERS}/${id}`, { token });

describe('an administrator of everything', () => {
  it('creates users anywhere, who log in at once on every pod', async () => {
    const username = newName();
    const answer = await create(await rootToken(pods[0]), { username, tenantId: 'globex', role: 'dba' });
    const user = { id: expect.any(String), username, tenantId: 'globex', role: 'dba' };
    expect([answer.status, answer.body]).toEqual([
      201,
      { ...user, disabled: false, createdAt: expect.any(String), changedAt: expect.any(String) },
    ]);
    expect(answer.headers.get('location')).toBe(`${USERS}/${String(answer.body['id'])}`);
    expect((await login(pods[1], { username, password: PASSWORD })).body['user']).toEqual(user);
    expect(answer.text).not.toMatch(/argon2|nobody has/);
  });

  it('is told when a name is taken, however it is typed', async () => {
    const token = await rootToken(pods[0]);
    const username = newName();
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => (await create(token, { username })).status),
    );
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(4);
    expect((await create(token, { username: username.toUpperCase(), tenantId: 'globex' })).body).toMatchObject({
      code: 'username_taken',
      errors: [{ pointer: '#/username' }],
    });
  });

  it('lists users by name, a page at a time, of one tenant or of all', async () => {
    const token = await rootToken(pods[0]);
    const created = [];
    for (let index = 0; index < 5; index += 1) created.push(await createUser(pods[0], { tenantId: 'paged' }));
    const names: string[] = [];
    let cursor = '';
    do {
      const { body } = await ask(pods[1], 'GET', `${USERS}?tenantId=paged&limit=2${cursor}`, { token });
      const { users, nextCursor } = body as { users: { username: string }[]; nextCursor?: string };
      names.push(...users.map(({ username }) => username));
      cursor = nextCursor === undefined ? '' : `&cursor=${nextCursor}`;
    } while (cursor !== '');
    expect(names).toEqual(created.map(({ username }) => username).sort());
    const all = (await ask(pods[1], 'GET', USERS, { token })).body['users'] as { tenantId: string }[];
    expect(new Set(all.map(({ tenantId }) => tenantId)).size).toBeGreaterThan(1);
    for (const query of ['cursor=!', 'cursor=', 'limit=0', 'limit=1000', 'tenantId=A%20B']) {
      expect([query, (await ask(pods[0], 'GET', `${USERS}?${query}`, { token })).status]).toEqual([query, 400]);
    }
  });

  it('changes neither the own rank, tenant and state nor the own password, but those of another one', async () => {
    const [one, other] = [await createUser(pods[0], { role: 'system' }), await createUser(pods[0], { role: 'system' })];
    const [ones, others] = [await tokenOf(pods[0], one), await tokenOf(pods[0], other)];
    for (const body of [{ role: 'user' }, { disabled: true }, { tenantId: 'globex' }, { password: PASSWORD }]) {
      expect((await patch(ones, one, body)).body).toMatchObject({ status: 403, code: 'forbidden' });
    }
    expect((await patch(others, one, { disabled: true })).status).toBe(200);
    expect((await me(pods[1], ones)).status).toBe(401);
    expect((await login(pods[0], one)).status).toBe(401);
    expect((await patch(others, one, { disabled: false })).status).toBe(200);
    expect((await login(pods[0], one)).status).toBe(200);
  });
});

describe('an administrator of a tenant', () => {
  let dba: KnownUser;
  let token: string;
  beforeAll(async () => {
    dba = await createUser(pods[0], { role: 'dba' });
    token = await tokenOf(pods[0], dba);
  });

  it('creates users of the own tenant up to the own role, and nobody else', async () => {
    expect((await create(token, {})).body).toMatchObject({ tenantId: 'acme', role: 'user' });
    expect((await create(token, { role: 'dba' })).status).toBe(201);
    for (const body of [{ role: 'system' }, { tenantId: 'globex' }, { tenantId: 'globex', role: 'user' }]) {
      expect((await create(token, body)).body).toMatchObject({ status: 403, code: 'forbidden' });
    }
  });

  it('raises nobody above the own role, and moves nobody', async () => {
    const user = await createUser(pods[0]);
    for (const body of [{ role: 'system' }, { tenantId: 'globex' }, { disabled: false, role: 'system' }]) {
      expect((await patch(token, user, body)).body).toMatchObject({ status: 403, code: 'forbidden' });
    }
    expect((await patch(token, { id: dba.id }, { role: 'system' })).status).toBe(403);
    expect((await see(token, user)).body).toMatchObject({ role: 'user', tenantId: 'acme', disabled: false });
    expect((await patch(token, user, { role: 'dba' })).body).toMatchObject({ role: 'dba' });
  });

  it('does not find users of other tenants, and does not touch those above', async () => {
    const foreign = await createUser(pods[0], { tenantId: 'globex' });
    const system = await createUser(pods[0], { role: 'system' });
    const unlock = ({ id }: KnownUser) => ask(pods[0], 'POST', `${USERS}/${id}/unlock`, { token });
    expect((await see(token, foreign)).body).toMatchObject({ status: 404, code: 'user_not_found' });
    expect((await patch(token, foreign, { disabled: true })).status).toBe(404);
    expect((await unlock(foreign)).status).toBe(404);
    for (const body of [{ disabled: true }, { role: 'user' }, { password: PASSWORD }]) {
      expect((await patch(token, system, body)).body).toMatchObject({ status: 403, code: 'forbidden' });
    }
    expect((await unlock(system)).status).toBe(403);
    expect((await login(pods[0], foreign)).status).toBe(200);
    const { users } = (await ask(pods[0], 'GET', `${USERS}?limit=100`, { token })).body as { users: KnownUser[] };
    expect(new Set(users.map(({ tenantId }) => tenantId))).toEqual(new Set(['acme']));
    expect((await ask(pods[0], 'GET', `${USERS}?tenantId=globex`, { token })).status).toBe(403);
  });
});

describe('anybody else', () => {
  it.each(['user', 'service'] as const)('with the role %s administers nobody', async (role) => {
    const user = await createUser(pods[0], { role });
    const token = await tokenOf(pods[0], user);
    const answers = [
      await create(token, {}),
      await patch(token, user, { role: 'system' }),
      await see(token, user),
      await ask(pods[0], 'GET', USERS, { token }),
      await ask(pods[0], 'POST', `${USERS}/${user.id}/unlock`, { token }),
    ];
    for (const { body } of answers) expect(body).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await ask(pods[0], 'GET', USERS)).status).toBe(401);
  });
});

describe('a change of a user', () => {
  it.each([
    ['disabled', { disabled: true }],
    ['another role', { role: 'service' }],
    ['another tenant', { tenantId: 'globex' }],
    ['another password', { password: 'given by the administrator' }],
    ['nothing new', { role: 'user' }],
  ])('%s: the sessions end on every pod before it is answered', async (_, body) => {
    const user = await createUser(pods[0]);
    const tokens = await Promise.all([tokenOf(pods[0], user), tokenOf(pods[1], user, { rememberMe: true })]);
    const changed = await patchUser(pods[0], user, body);
    const { password, ...shown } = { password: user.password, ...body };
    expect([changed.status, changed.body]).toEqual([200, expect.objectContaining({ id: user.id, ...shown })]);
    for (const [index, token] of tokens.entries())
      expect((await me(pods[1 - index] ?? pods[0], token)).status).toBe(401);
    const again = await login(pods[1], { ...user, password });
    expect(again.status).toBe('disabled' in body ? 401 : 200);
    if ('disabled' in body) return;
    expect(again.body['user']).toMatchObject(shown);
    expect((await me(pods[0], String(again.body['token']))).status).toBe(200);
  });

  it('leaves no session of the logins that race with it', async () => {
    const user = await createUser(pods[0]);
    const logins = Array.from({ length: 4 }, (_, index) => login(pods[index % 2] ?? pods[0], user));
    const changed = await patchUser(pods[1], user, { disabled: true });
    const late = Array.from({ length: 2 }, (_, index) => login(pods[index % 2] ?? pods[0], user));
    expect(changed.status).toBe(200);
    for (const { status, body } of await Promise.all([...logins, ...late])) {
      if (status === 200) expect((await me(pods[0], String(body['token']))).status).toBe(401);
      else expect(status).toBe(401);
    }
  });

  it('by many at once loses none', async () => {
    const user = await createUser(pods[0]);
    const changes = [{ role: 'service' }, { tenantId: 'globex' }, { disabled: true }];
    const answers = await Promise.all(
      changes.map((change, index) => patchUser(pods[index % 2] ?? pods[0], user, change)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await see(await rootToken(pods[0]), user)).body).toMatchObject({
      role: 'service',
      tenantId: 'globex',
      disabled: true,
    });
  });

  it('is in the audit log with who did it, and no name', async () => {
    const user = await createUser(pods[0]);
    await patchUser(pods[0], user, { role: 'service' });
    const { user: root } = (await me(pods[0], await rootToken(pods[0]))).body as { user: KnownUser };
    await auditsOf(pods, { type: 'user_changed', by: root.id, userId: user.id, role: 'service' });
    for (const pod of pods) expect(pod.output()).not.toContain(user.username);
  });
});
