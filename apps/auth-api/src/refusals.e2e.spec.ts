import { connect } from 'node:net';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { ask, createUser, login, me, newAddress, rootToken, startCluster, tokenOf } from './cluster.fixture.ts';
import type { Answer, Cluster, KnownUser } from './cluster.fixture.ts';

let cluster: Cluster;
let pod: ServiceProcess;
let ann: KnownUser;
beforeAll(async () => {
  cluster = await startCluster({ MOORING_BODY_LIMIT_BYTES: '4096', MOORING_RATE_LIMIT_WINDOW_SECONDS: '3600' });
  pod = await cluster.start();
  ann = await createUser(pod);
});
afterAll(() => cluster.stop());

const LOGIN = { username: 'ann', password: 'x' };
const USER = { username: 'new-one', password: 'a password that nobody has' };

describe('bad input', () => {
  it.each([
    ['a body that is no JSON', '{"username":', 400, 'malformed_json', undefined],
    [
      'a member that is there twice',
      '{"username":"a","username":"b","password":"x"}',
      400,
      'malformed_json',
      undefined,
    ],
    ['a prototype', '{"__proto__":{"username":"a"}}', 400, 'malformed_json', undefined],
    ['no JSON object', '["ann","x"]', 400, 'validation_failed', '#'],
    ['null', 'null', 400, 'validation_failed', '#'],
    ['no password', { username: 'ann' }, 400, 'validation_failed', '#/password'],
    ['an empty password', { ...LOGIN, password: '' }, 400, 'validation_failed', '#/password'],
    ['a number for a name', { ...LOGIN, username: 5 }, 400, 'validation_failed', '#/username'],
    ['a list for a password', { ...LOGIN, password: ['x'] }, 400, 'validation_failed', '#/password'],
    ['text for a boolean', { ...LOGIN, rememberMe: 'yes' }, 400, 'validation_failed', '#/rememberMe'],
    ['an unknown member', { ...LOGIN, remember: true }, 400, 'validation_failed', '#'],
    ['too long a password', { ...LOGIN, password: 'x'.repeat(1025) }, 400, 'validation_failed', '#/password'],
    ['too large a body', { ...LOGIN, password: 'x'.repeat(5000) }, 413, 'body_too_large', undefined],
  ])('of a login: %s', async (_, body, status, code, pointer) => {
    const answer = await ask(pod, 'POST', '/auth/login', { body });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status, code });
    if (pointer !== undefined) expect(answer.body['errors']).toMatchObject([{ pointer }]);
  });

  it('names the members that it does not know, and all faults at once', async () => {
    const answer = await ask(pod, 'POST', '/auth/login', { body: { username: '', remember: true, otp: '1' } });
    expect(answer.body['errors']).toEqual([
      { pointer: '#/username', detail: 'is empty: it takes a user name' },
      { pointer: '#/password', detail: 'must be text' },
      { pointer: '#', detail: 'has members that are not known here: remember, otp' },
    ]);
  });

  it.each([
    ['a weak password', { password: 'Password12345678' }, 'weak_password', '#/password'],
    ['a short password', { password: 'Tr0ub4dor&3' }, 'weak_password', '#/password'],
    [
      'a password made of the name',
      { username: 'jonathan.doe', password: 'Jonathan.Doe-2026' },
      'weak_password',
      '#/password',
    ],
    ['a name with a line break', { username: 'a\r\nset-cookie: x' }, 'validation_failed', '#/username'],
    ['a name with a zero', { username: 'a\u0000b' }, 'validation_failed', '#/username'],
    ['a name with a space', { username: 'a b' }, 'validation_failed', '#/username'],
    ['too long a name', { username: 'x'.repeat(129) }, 'validation_failed', '#/username'],
    ['a tenant in capitals', { tenantId: 'Acme' }, 'validation_failed', '#/tenantId'],
    ['a tenant with a quote', { tenantId: 'a"; drop role x; --' }, 'validation_failed', '#/tenantId'],
    ['a role that there is not', { role: 'admin' }, 'validation_failed', '#/role'],
    ['a role that every object has', { role: 'constructor' }, 'validation_failed', '#/role'],
  ])('of a new user: %s', async (_, change, code, pointer) => {
    const answer = await ask(pod, 'POST', '/auth/users', { token: await rootToken(pod), body: { ...USER, ...change } });
    expect(answer.body).toMatchObject({ status: 400, code, errors: [{ pointer }] });
    expect(answer.text).not.toContain('Jonathan');
  });

  it.each([
    ['nothing', {}],
    ['an unknown member', { username: 'other' }],
    ['text for a boolean', { disabled: 'true' }],
    ['null', { role: null }],
  ])('of a change: %s', async (_, body) => {
    const answer = await ask(pod, 'PATCH', `/auth/users/${ann.id}`, { token: await rootToken(pod), body });
    expect(answer.body).toMatchObject({ status: 400, code: 'validation_failed' });
  });

  it.each(['x', '%00', "1' or '1'='1", '../users', 'x'.repeat(200)])('of an id: %s', async (id) => {
    const answer = await ask(pod, 'GET', `/auth/users/${encodeURIComponent(id)}`, { token: await rootToken(pod) });
    expect(answer.body).toMatchObject({ status: 404 });
  });

  it('of headers gets into none of the answer', async () => {
    const { body, headers } = await login(pod, ann, {
      headers: { 'x-request-id': 'a b', 'user-agent': 'x\u00a0y', 'x-forwarded-for': 'not an address, ,' },
    });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    const { sessions } = (await ask(pod, 'GET', '/auth/sessions', { token: String(body['token']) })).body;
    expect((sessions as object[])[0]).not.toHaveProperty('address');
  });
});

describe('a token', () => {
  const refused = async (authorization: string): Promise<Answer> =>
    ask(pod, 'GET', '/auth/me', { headers: { authorization } });

  it('that is cut off, lengthened, mistyped, of another form or made up is refused alike', async () => {
    const token = await tokenOf(pod, ann);
    const changed = token.replace(/.(?=[^.]{20}$)/, (character) => (character === 'a' ? 'b' : 'a'));
    const tokens = [
      'x',
      'mrg_',
      token.slice(0, -1),
      `${token}A`,
      changed,
      token.toUpperCase(),
      token.replace('mrg_', 'abc_'),
    ];
    for (const bad of [...tokens, 'x'.repeat(3000), `mrg_${'A'.repeat(600)}`]) {
      const answer = await refused(`Bearer ${bad}`);
      expect([bad, answer.body]).toMatchObject([bad, { status: 401, code: 'unauthenticated' }]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    }
    expect((await me(pod, token)).status).toBe(200);
  });

  it('that names a tenant which none can be is refused, not failed on', async () => {
    const token = await tokenOf(pod, ann);
    const [, id = '', secret = ''] = token.split('.');
    for (const tenant of ['a\u0000b', 'a\nb', 'x'.repeat(300), 'other']) {
      const body = `mrg_${Buffer.from(tenant).toString('base64url')}.${id}.${secret.slice(0, 43)}`;
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32BE(crc32(body));
      expect([tenant, (await refused(`Bearer ${body}${checksum.toString('base64url')}`)).status]).toEqual([
        tenant,
        401,
      ]);
    }
  });

  it('is not looked for in the URL, nor in other schemes or cookies', async () => {
    const token = await tokenOf(pod, ann);
    const answers = [
      await ask(pod, 'GET', `/auth/me?token=${token}&access_token=${token}`),
      await refused(`Basic ${token}`),
      await refused(token),
      await ask(pod, 'GET', '/auth/me', { headers: { cookie: `__Host-mooring=${token}` } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    for (const { text } of answers) expect(text).not.toContain(token);
  });

  it.each([
    ['GET', '/auth/me'],
    ['POST', '/auth/refresh'],
    ['POST', '/auth/logout'],
    ['POST', '/auth/logout-all'],
    ['GET', '/auth/sessions'],
    ['DELETE', '/auth/sessions/0123456789abcdef'],
    ['POST', '/auth/password'],
    ['POST', '/auth/introspect'],
    ['GET', '/auth/users'],
    ['POST', '/auth/users'],
    ['PATCH', '/auth/users/x'],
  ])('is needed for %s %s', async (method, path) => {
    const answer = await ask(pod, method, path, method === 'GET' || method === 'DELETE' ? {} : { body: {} });
    expect(answer.body).toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('with a line break in its header is no request at all', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      let received = '';
      const socket = connect(Number(new URL(pod.url).port), '127.0.0.1', () =>
        socket.write('GET /auth/me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a\rb\r\n\r\n'),
      );
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('a browser', () => {
  it('gets no cookie, and no CORS, where the service was not asked for them', async () => {
    const headers = { origin: 'https://app.example.com', 'sec-fetch-site': 'same-origin' };
    const answer = await login(pod, ann, { headers });
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null]);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('limits on requests', () => {
  it('of a session and of logins from an address are exact, and in headers', async () => {
    const limited = await cluster.start({ MOORING_RATE_LIMIT_REQUESTS: '5', MOORING_RATE_LIMIT_LOGINS: '3' });
    const address = newAddress();
    const logins: Answer[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) logins.push(await login(limited, ann, { address }));
    expect(logins.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    expect(logins[0]?.headers.get('ratelimit')).toBe('"logins-ip";r=2;t=3600');
    expect(Number(logins[3]?.headers.get('retry-after'))).toBeGreaterThan(3000);
    expect(logins[3]?.body).toMatchObject({ code: 'too_many_requests' });
    expect((await login(limited, ann)).status).toBe(200);
    const token = String(logins[0]?.body['token']);
    const answers = await Promise.all(Array.from({ length: 20 }, () => me(limited, token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect((await me(limited, String(logins[1]?.body['token']))).headers.get('ratelimit-remaining')).toBe('4');
  });

  it('on passwords that wait are 503, and say when to come back', async () => {
    const dear = { MOORING_PASSWORD_MEMORY_KIB: '65536', MOORING_PASSWORD_PASSES: '4' };
    const small = await cluster.start({ ...dear, MOORING_PASSWORDS_AT_ONCE: '1', MOORING_PASSWORDS_WAITING: '1' });
    const names = Array.from({ length: 12 }, (_, index) => `nobody-${index}`);
    const answers = await Promise.all(names.map((username) => login(small, { username, password: 'x' })));
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.body).toMatchObject({ code: 'login_busy' });
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 401).length).toBe(12 - refused.length);
  });
});

describe('what it shows of itself', () => {
  it('documents each route with its problems', async () => {
    const { body } = await ask(pod, 'GET', '/docs/openapi.json');
    const paths = body['paths'] as Record<string, Record<string, { responses: object; requestBody?: object }>>;
    expect(Object.keys(paths).filter((path) => path.startsWith('/auth'))).toEqual(
      expect.arrayContaining(['/auth/login', '/auth/sessions/{id}', '/auth/users/{id}', '/auth/introspect']),
    );
    const posted = paths['/auth/login']?.['post'];
    expect(Object.keys(posted?.responses ?? {})).toEqual(expect.arrayContaining(['200', '400', '401', '429', '503']));
    expect(JSON.stringify(posted)).toContain('wrong_credentials');
    expect(JSON.stringify(paths['/auth/introspect']?.['post']?.requestBody)).toContain(
      'application/x-www-form-urlencoded',
    );
  });

  it('counts logins, events and passwords, by no name', async () => {
    await login(pod, ann);
    const metrics = await (await fetch(`${pod.url}/metrics`)).text();
    expect(metrics).toMatch(/mooring_auth_login_duration_seconds_count\{\S*outcome="succeeded"\S*\} [1-9]/);
    expect(metrics).toMatch(/mooring_auth_events_total\{\S*type="login_succeeded"\S*\} [1-9]/);
    expect(metrics).toMatch(/mooring_token_verification_duration_seconds_count\{\S*outcome="good"\S*\} [1-9]/);
    expect(metrics).toMatch(
      /mooring_store_operation_duration_seconds_count\{\S*operation="sessions.create"\S*\} [1-9]/,
    );
    for (const name of ['running', 'waiting', 'total'])
      expect(metrics).toContain(`mooring_auth_password_hashes_${name}`);
    expect(metrics).not.toContain(ann.username);
  });
});
