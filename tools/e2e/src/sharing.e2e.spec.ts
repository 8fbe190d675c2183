import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDeployment } from './deployment.ts';
import type { Deployment, Store } from './deployment.ts';
import { askPod } from './fleet.ts';
import type { Answer } from './fleet.ts';
import { GOOD_EVERYWHERE, REFUSED_EVERYWHERE, createUser, login, patchUser, statusesOf, tokenOf } from './users.ts';
import type { KnownUser } from './users.ts';

const WHO = { sql: 'select current_user::text as who' };

describe.each<Store>(['postgres', 'redis', 'failover'])('two auth pods and two query pods on %s', (store) => {
  let deployment: Deployment;
  let ann: KnownUser;
  beforeAll(async () => {
    deployment = await startDeployment({
      store,
      env: { MOORING_RATE_LIMIT_REQUESTS: '50', MOORING_RATE_LIMIT_WINDOW_SECONDS: '3600' },
    });
    ann = await createUser(deployment);
  }, 300_000);
  afterAll(() => deployment.stop());

  it('know everywhere at once who logged in on one, and run statements as the tenant', async () => {
    for (let turn = 0; turn < 2; turn++) {
      const token = await tokenOf(deployment, ann);
      expect(await statusesOf(deployment, token)).toEqual(GOOD_EVERYWHERE);
      const answers = await deployment.query.askEach('POST', '/v1/queries', { token, body: WHO });
      expect(answers.map(({ body }) => body['rows'])).toEqual([
        [[`tenant_${ann.tenantId}`]],
        [[`tenant_${ann.tenantId}`]],
      ]);
    }
  });

  it('refuse everywhere at once what was logged out on one, and only that', async () => {
    const [token, kept] = [await tokenOf(deployment, ann), await tokenOf(deployment, ann)];
    expect(await statusesOf(deployment, token)).toEqual(GOOD_EVERYWHERE);
    expect((await deployment.auth.ask('POST', '/auth/logout', { token })).status).toBe(204);
    expect(await statusesOf(deployment, token)).toEqual(REFUSED_EVERYWHERE);
    expect(await statusesOf(deployment, kept)).toEqual(GOOD_EVERYWHERE);
  });

  it('give ten refreshes at once one successor, which is good everywhere', async () => {
    const token = await tokenOf(deployment, ann);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => deployment.auth.ask('POST', '/auth/refresh', { token })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const successors = new Set(answers.map(({ body }) => String(body['token'])));
    expect(successors.size).toBe(1);
    const [successor = ''] = successors;
    expect(successor).not.toBe(token);
    expect(await statusesOf(deployment, successor)).toEqual(GOOD_EVERYWHERE);
  });

  it('end everywhere at once what a user had before a new role or being disabled, with the statements that run', async () => {
    const user = await createUser(deployment);
    const before = await tokenOf(deployment, user);
    expect((await patchUser(deployment, user, { role: 'dba' })).status).toBe(200);
    expect(await statusesOf(deployment, before)).toEqual(REFUSED_EVERYWHERE);
    const token = await tokenOf(deployment, user);
    for (const { body } of await deployment.auth.askEach('GET', '/auth/me', { token })) {
      expect(JSON.stringify(body)).toContain('"role":"dba"');
    }
    const slow = { sql: 'select pg_sleep(600)', waitSeconds: 0 };
    const { body } = await deployment.query.ask('POST', '/v1/queries', { token, body: slow });
    expect((await patchUser(deployment, user, { disabled: true })).status).toBe(200);
    expect(await statusesOf(deployment, token)).toEqual(REFUSED_EVERYWHERE);
    expect((await patchUser(deployment, user, { disabled: false })).status).toBe(200);
    expect(await statusesOf(deployment, token)).toEqual(REFUSED_EVERYWHERE);
    const again = await tokenOf(deployment, user);
    const path = `/v1/queries/${String(body['id'])}?waitSeconds=25`;
    let status: unknown = 'running';
    while (status === 'queued' || status === 'running')
      ({ status } = (await deployment.query.ask('GET', path, { token: again })).body);
    expect(status).toBe('cancelled');
  });

  it('log in whom a statement made, with what was granted and no more, until a statement ends it', async () => {
    const { query, tenants } = deployment;
    const pod = query.pods[0]!;
    const dba = await tokenOf(deployment, await createUser(deployment, 'dba'));
    const [namespace, username] = [`shop_${tenants.acme}_${store}`, `made-${tenants.acme}-${store}`];
    const [password, next] = ['a harbour full of boats', 'a harbour without boats'];
    // Where the data of the embedded engine is: each pod has its own here.
    const run = async (token: string, sql: string): Promise<Answer> =>
      askPod(pod, 'POST', '/v1/sql', { token, body: { namespace, sql } });
    const done = async (sql: string): Promise<void> => {
      const { status, text } = await run(dba, sql);
      expect([status, text]).toEqual([200, expect.any(String)]);
    };
    await done(`create namespace ${namespace}; use namespace ${namespace}; create table own (n int);
      create table lent (n int); insert into lent values (7)`);
    const made = await run(dba, `create user '${username}' password '${password}'`);
    if (store === 'redis') {
      // Without the auth API's database, users are those of the configuration.
      expect(made).toMatchObject({ status: 400, body: { code: 'unsupported_statement' } });
      return;
    }
    expect([made.status, made.text.includes(password)]).toEqual([200, false]);
    await done(`grant select on lent to user '${username}'`);

    const user = { username, password };
    const token = await tokenOf(deployment, user);
    expect(await statusesOf(deployment, token)).toEqual(GOOD_EVERYWHERE);
    const read = async (as: string): Promise<unknown> => (await run(as, 'select n from lent')).body['results'];
    expect(await read(token)).toMatchObject([{ rows: [[7]] }]);
    const denied = ['select n from own', 'insert into lent values (8)', 'drop table lent', `drop user '${username}'`];
    const answers = await Promise.all(denied.map((sql) => run(token, sql)));
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);

    await done(`alter user '${username}' password '${next}'`);
    expect(await statusesOf(deployment, token)).toEqual(REFUSED_EVERYWHERE);
    expect((await login(deployment, user)).status).toBe(401);
    const second = await tokenOf(deployment, { username, password: next });
    expect(await read(second)).toMatchObject([{ rows: [[7]] }]);

    await done(`drop user '${username}'`);
    expect(await statusesOf(deployment, second)).toEqual(REFUSED_EVERYWHERE);
    expect((await login(deployment, { username, password: next })).status).toBe(401);
    await done(`create user '${username}' password '${password}'`);
    const another = await tokenOf(deployment, user);
    expect((await run(another, 'select n from lent')).status).toBe(403);
  });

  it('admit exactly so many requests of a session over both query pods', async () => {
    const token = await tokenOf(deployment, ann);
    const answers = await Promise.all(
      Array.from({ length: 120 }, () => deployment.query.ask('GET', '/v1/queries?limit=1', { token })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(70);
    for (const { status, headers } of answers) {
      if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('know who was logged in after every pod was restarted, and who was logged out', async () => {
    const [token, ended] = [await tokenOf(deployment, ann), await tokenOf(deployment, ann)];
    expect((await deployment.auth.ask('POST', '/auth/logout', { token: ended })).status).toBe(204);
    await Promise.all([deployment.auth.restart(), deployment.query.restart()]);
    expect(await statusesOf(deployment, token)).toEqual(GOOD_EVERYWHERE);
    expect(await statusesOf(deployment, ended)).toEqual(REFUSED_EVERYWHERE);
  });
});
