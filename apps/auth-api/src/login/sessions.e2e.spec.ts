import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { ask, auditsOf, createUser, login, me, newAddress, startCluster, tokenOf } from '../cluster.fixture.ts';
import type { Answer, Cluster, KnownUser } from '../cluster.fixture.ts';

let cluster: Cluster;
let pods: readonly [ServiceProcess, ServiceProcess];
beforeAll(async () => {
  cluster = await startCluster({ MOORING_TOKEN_GRACE_SECONDS: '0', MOORING_SESSIONS_MAX_PER_USER: '4' });
  pods = await Promise.all([cluster.start(), cluster.start()]);
});
afterAll(() => cluster.stop());

interface Session {
  readonly id: string;
  readonly current: boolean;
}

async function sessionsOf(token: string, query = ''): Promise<Session[]> {
  return (await ask(pods[1], 'GET', `/auth/sessions${query}`, { token })).body['sessions'] as Session[];
}

const end = (token: string, id: string): Promise<Answer> => ask(pods[1], 'DELETE', `/auth/sessions/${id}`, { token });

describe('a token that was replaced', () => {
  it('is a copy in the wrong hands when it comes back: the session ends, and the audit log says so', async () => {
    const user = await createUser(pods[0]);
    const [stolen, other] = [await tokenOf(pods[0], user), await tokenOf(pods[0], user)];
    const { token: successor } = (await ask(pods[0], 'POST', '/auth/refresh', { token: stolen })).body;
    expect((await me(pods[1], String(successor))).status).toBe(200);
    expect((await ask(pods[1], 'POST', '/auth/refresh', { token: stolen })).body).toMatchObject({
      status: 401,
      code: 'unauthenticated',
    });
    expect((await me(pods[0], String(successor))).status).toBe(401);
    expect((await me(pods[0], other)).status).toBe(200);
    const [issued] = await auditsOf(pods, { type: 'token_issued', subjectId: user.id });
    await auditsOf(pods, { type: 'token_reused', tenantId: 'acme', session: issued?.['session'] });
    const metrics = await (await fetch(`${pods[1].url}/metrics`)).text();
    expect(metrics).toMatch(/mooring_auth_events_total\{type="token_reused",service="auth-api"\} 1/);
  });

  it('is told from a guess, which ends nothing', async () => {
    const token = await tokenOf(pods[0], await createUser(pods[0]));
    const other = await tokenOf(pods[0], await createUser(pods[0]));
    expect((await me(pods[1], withVerifierOf(token, other))).status).toBe(401);
    expect((await me(pods[1], token)).status).toBe(200);
    const [refused] = await auditsOf(pods, { type: 'token_refused', reason: 'mismatch' });
    expect(await auditsOf(pods, { type: 'token_reused', session: refused?.['session'] }, 0)).toEqual([]);
  });
});

describe('own sessions', () => {
  it('are listed with where they are from, the one that asks marked, and no secret', async () => {
    const user = await createUser(pods[0]);
    const address = newAddress();
    const first = await tokenOf(pods[0], user, { address, headers: { 'user-agent': 'boat/1 \t(test)' } });
    const second = await tokenOf(pods[1], user, { rememberMe: true });
    const answer = await ask(pods[0], 'GET', '/auth/sessions', { token: first });
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    const session = {
      id: expect.any(String),
      current: true,
      createdAt: moment,
      lastSeenAt: moment,
      expiresAt: moment,
      idleExpiresAt: moment,
      rememberMe: false,
      address,
      userAgent: 'boat/1  (test)',
    };
    const other = { current: false, rememberMe: true, address: expect.any(String), userAgent: 'node' };
    expect(answer.body).toEqual({ sessions: [{ ...session, ...other }, session] });
    for (const token of [first, second]) expect(answer.text).not.toContain(token.slice(-40));
  });

  it('are paged, and a cursor of another list is refused', async () => {
    const user = await createUser(pods[0]);
    for (let count = 0; count < 3; count += 1) await tokenOf(pods[0], user);
    const token = await tokenOf(pods[0], user);
    const { sessions, nextCursor } = (await ask(pods[0], 'GET', '/auth/sessions?limit=3', { token })).body;
    const rest = await sessionsOf(token, `?limit=3&cursor=${String(nextCursor)}`);
    expect(new Set([...(sessions as Session[]), ...rest].map(({ id }) => id)).size).toBe(4);
    for (const query of ['cursor=nonsense', 'limit=0', 'limit=101', 'limit=x']) {
      expect((await ask(pods[0], 'GET', `/auth/sessions?${query}`, { token })).body).toMatchObject({ status: 400 });
    }
  });

  it('are ended one by one, on every pod, and only by their user', async () => {
    const user = await createUser(pods[0]);
    const [own, other] = [await tokenOf(pods[0], user), await tokenOf(pods[0], user)];
    const [{ id } = { id: '' }] = (await sessionsOf(own)).filter(({ current }) => !current);
    const stranger = await tokenOf(pods[0], await createUser(pods[0]));
    const foreigner = await tokenOf(pods[0], await createUser(pods[0], { tenantId: 'globex' }));
    for (const token of [stranger, foreigner])
      expect((await end(token, id)).body).toMatchObject({ code: 'session_not_found' });
    expect((await me(pods[0], other)).status).toBe(200);
    expect((await end(own, id)).status).toBe(204);
    expect((await me(pods[0], other)).status).toBe(401);
    for (const gone of [id, 'x', '*', '%00', '../me', 'x'.repeat(200)]) {
      expect((await end(own, encodeURIComponent(gone))).status).toBe(404);
    }
    expect((await me(pods[0], own)).status).toBe(200);
  });

  it('beyond the most that a user may have, the oldest ends', async () => {
    const user = await createUser(pods[0]);
    const tokens: string[] = [];
    for (let count = 0; count < 5; count += 1) tokens.push(await tokenOf(pods[count % 2] ?? pods[0], user));
    const statuses = await Promise.all(tokens.map(async (token) => (await me(pods[0], token)).status));
    expect(statuses).toEqual([401, 200, 200, 200, 200]);
  });
});

describe('a new password of one’s own', () => {
  const NEW = 'a new one, longer than before';
  const change = (token: string, currentPassword: string, newPassword = NEW, address = newAddress()) =>
    ask(pods[0], 'POST', '/auth/password', {
      token,
      body: { currentPassword, newPassword },
      headers: { 'x-forwarded-for': address },
    });
  let user: KnownUser;
  let token: string;
  beforeAll(async () => {
    user = await createUser(pods[0]);
    token = await tokenOf(pods[0], user);
  });

  it('is refused without the present one, or when it is easy to guess', async () => {
    expect((await change(token, 'wrong')).body).toMatchObject({
      status: 403,
      code: 'wrong_password',
      errors: [{ pointer: '#/currentPassword' }],
    });
    expect((await change(token, user.password, 'too short')).body).toMatchObject({
      status: 400,
      code: 'weak_password',
      rule: 'too_short',
      errors: [{ pointer: '#/newPassword' }],
    });
    expect((await change(token, user.password, `${user.username}-12`)).body).toMatchObject({ rule: 'personal' });
    expect((await login(pods[0], user)).status).toBe(200);
  });

  it('can not be tried for by whoever has a session: it is answered as a wrong one, then as too many', async () => {
    const guessed = await createUser(pods[0]);
    const session = await tokenOf(pods[0], guessed);
    const address = newAddress();
    const answers: Answer[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      answers.push(await change(session, attempt === 6 ? guessed.password : 'wrong', NEW, address));
    }
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 403));
    expect(answers.at(-1)?.body).toMatchObject({ code: 'wrong_password' });
    expect((await login(pods[0], guessed)).status).toBe(200);
  });

  it('ends the other sessions on every pod, keeps its own, and is the only one that logs in', async () => {
    const other = await tokenOf(pods[1], user);
    expect((await change(token, user.password)).status).toBe(204);
    expect([(await me(pods[1], other)).status, (await me(pods[1], token)).status]).toEqual([401, 200]);
    expect((await login(pods[1], user)).status).toBe(401);
    expect((await login(pods[1], { ...user, password: NEW })).status).toBe(200);
    await auditsOf(pods, { type: 'password_changed', by: user.id, userId: user.id });
  });
});

/** Another secret under the name of a session: of the right form, with the right checksum, but not the one of the session. */
function withVerifierOf(token: string, other: string): string {
  const [tenant = '', id = ''] = token.split('.');
  const secret = other.split('.')[2]?.slice(0, 43) ?? '';
  const body = `${tenant}.${id}.${secret}`;
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return body + checksum.toString('base64url');
}
