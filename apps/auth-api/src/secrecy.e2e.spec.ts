import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFaultProxy } from '@mooring/services';
import type { FaultProxy, ServiceProcess } from '@mooring/services';
import { Client } from 'pg';
import { ROOT, ask, createUser, login, me, patchUser, rootToken, startCluster, tokenOf } from './cluster.fixture.ts';
import type { Answer, Cluster } from './cluster.fixture.ts';

let cluster: Cluster;
let proxy: FaultProxy;
let pod: ServiceProcess;
beforeAll(async () => {
  cluster = await startCluster({ MOORING_LOG_LEVEL: 'trace' });
  proxy = await startFaultProxy({ target: cluster.databaseUrl });
  pod = await cluster.start({ DATABASE_URL: proxy.url(cluster.databaseUrl) });
});
afterAll(async () => {
  proxy.heal();
  await cluster.stop();
  await proxy.close();
});

/** The secret part of a token, and what is stored of it. */
function partsOf(token: string): { readonly verifier: string; readonly digest: string } {
  const verifier = token.split('.')[2]?.slice(0, 43) ?? '';
  return { verifier, digest: createHash('sha256').update(verifier).digest('base64url') };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function dump(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const tables = await client.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  let text = '';
  for (const { name } of tables.rows) {
    const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
    text += rows.map(({ row }) => row).join('\n');
  }
  await client.end();
  return text;
}

describe('over a run with everything that goes well and badly', () => {
  it('no token, verifier, hash of one, password or name is in a log, an error, a metric or a refusal', async () => {
    const answers: string[] = [];
    const note = async (asked: Promise<Answer>): Promise<void> => {
      const { status, body } = await asked;
      // The path and the id of a request are its own.
      const { instance: _, requestId: __, ...said } = body;
      if (status >= 400) answers.push(JSON.stringify(said));
    };
    const user = await createUser(pod, { role: 'dba' });
    const root = await rootToken(pod);
    const first = await tokenOf(pod, user);
    const { token: second } = (await ask(pod, 'POST', '/auth/refresh', { token: first })).body;
    const tokens = [root, first, String(second), await tokenOf(pod, user, { rememberMe: true })];
    const passwords = [
      user.password,
      ROOT.password,
      'canary-wrong-password',
      'canary-new-password-1',
      'canary-json-password',
    ];
    const change = (currentPassword: string, newPassword: string) =>
      ask(pod, 'POST', '/auth/password', { token: tokens[2] ?? '', body: { currentPassword, newPassword } });

    for (let failure = 0; failure < 6; failure += 1) {
      await note(login(pod, { ...user, password: 'canary-wrong-password' }, { address: '203.0.113.9' }));
    }
    await note(login(pod, { username: 'canary-nobody', password: 'canary-wrong-password' }));
    await note(
      ask(pod, 'POST', '/auth/login', { body: '{"username":"canary-nobody","password":"canary-json-password' }),
    );
    await note(
      ask(pod, 'POST', '/auth/login', { body: { username: user.username, password: ['canary-json-password'] } }),
    );
    await note(change('canary-wrong-password', 'canary-new-password-1'));
    await note(change(user.password, 'canary'));
    await note(ask(pod, 'POST', '/auth/introspect', { token: root, body: { token: second } }));
    for (const token of tokens) {
      await note(me(pod, token));
      await note(me(pod, `${token}x`));
      await note(ask(pod, 'GET', `/auth/me?token=${token}`));
      await note(ask(pod, 'GET', `/auth/sessions/${token}`, { headers: { cookie: token, 'x-request-id': token } }));
    }
    await note(patchUser(pod, user, { password: 'canary-new-password-1', role: 'user' }));
    await note(
      ask(pod, 'POST', '/auth/users', { token: root, body: { username: user.username, password: user.password } }),
    );
    proxy.cut();
    await note(me(pod, root));
    await note(login(pod, user));
    await note(
      ask(pod, 'POST', '/auth/users', { token: root, body: { username: 'canary-user', password: user.password } }),
    );
    proxy.heal();
    await run(
      cluster.databaseUrl,
      'alter table mooring_users add constraint canary check (length(username) < 9) not valid',
    );
    await note(
      ask(pod, 'POST', '/auth/users', { token: root, body: { username: 'canary-user', password: user.password } }),
    );
    await run(cluster.databaseUrl, 'alter table mooring_users rename to canary_users');
    await note(login(pod, user));
    await run(cluster.databaseUrl, 'alter table canary_users rename to mooring_users');
    const metrics = await (await fetch(`${pod.url}/metrics`)).text();
    await pod.stop();

    const said = { log: pod.output(), refusals: answers.join('\n'), metrics };
    expect(said.log).toContain('"type":"login_locked"');
    expect(said.log).toContain('StoreError');
    expect(said.log.match(/UserDatabaseError/g)?.length).toBeGreaterThanOrEqual(2);
    expect(answers.length).toBeGreaterThan(15);
    const secrets = tokens.flatMap((token) => [token, ...Object.values(partsOf(token))]);
    for (const [place, text] of Object.entries(said)) {
      for (const secret of [...secrets, ...passwords, 'canary', user.username, '$argon2id']) {
        expect([place, secret, text.includes(secret)]).toEqual([place, secret, false]);
      }
    }
    const stored = await dump(cluster.databaseUrl);
    expect(stored).toContain(partsOf(String(second)).digest);
    expect(stored).toContain('$argon2id');
    for (const token of tokens)
      expect([token, partsOf(token).verifier].some((secret) => stored.includes(secret))).toBe(false);
    for (const password of [...passwords, '203.0.113.9', 'canary'])
      expect([password, stored.includes(password)]).toEqual([password, false]);
  });
});
