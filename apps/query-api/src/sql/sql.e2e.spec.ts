import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { PasswordHasher } from '@mooring/users';
import { people } from '../users/people.fixture.ts';
import { TOKENS, startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';
import { logins, metric, sqlClient, until } from './sql.fixture.ts';

let stack: Stack;
let service: ServiceProcess;
let login: ReturnType<typeof logins>;
let members: Awaited<ReturnType<typeof people>>;
let ann: ReturnType<typeof sqlClient>;
beforeAll(async () => {
  stack = await startStack();
  const tokens = await stack.tokens();
  login = logins(tokens);
  service = await stack.start({ MOORING_PASSWORD_MEMORY_KIB: '64', MOORING_PASSWORD_PASSES: '1' });
  members = await people(stack.env['DATABASE_URL'] ?? '', tokens);
  ann = sqlClient(service, await login('ann', stack.tenants.acme));
  await ann.rows('create namespace sales; use namespace sales; create table orders (id bigint, total decimal(18,2))');
});
afterAll(async () => {
  await members.close();
  await stack.stop();
});

describe('POST /v1/sql', () => {
  it('answers each statement of a batch at its position', async () => {
    const { status, body } = await ann.post({
      namespace: 'sales',
      sql: `insert into orders values (1, 9.5), (9007199254740993, 0.1);
        select * from orders order by id; select id from orders where false; drop table if exists nothing`,
    });
    expect([status, body]).toMatchObject([
      200,
      {
        status: 'finished',
        rolledBack: false,
        results: [
          { schema: [], rows: [], rowCount: 2 },
          {
            schema: [
              { name: 'id', type: 'BIGINT' },
              { name: 'total', type: 'DECIMAL(18,2)' },
            ],
            rows: [
              [1, '9.50'],
              ['9007199254740993', '0.10'],
            ],
            rowCount: 2,
            truncated: false,
            message: null,
          },
          { schema: [{ name: 'id', type: 'BIGINT' }], rows: [], rowCount: 0 },
          { rowCount: 0, message: expect.any(String) },
        ],
      },
    ]);
    expect(body['tookMs']).toEqual(expect.any(Number));
  });

  it('keeps what ran before a failure, and says which statement failed, where and why', async () => {
    const { status, headers, body } = await ann.post({
      namespace: 'sales',
      sql: "create table kept (n int);\nselect 1 as one;\n  select cast('x' || one as int) from (select 1 as one) t;\nselect 2",
    });
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect([status, body]).toMatchObject([
      422,
      {
        status: 422,
        code: 'statement_failed',
        instance: '/v1/sql',
        requestId: headers.get('x-request-id'),
        statement: 2,
        line: 3,
        column: 3,
        rolledBack: false,
        results: [{ message: expect.any(String) }, { rows: [[1]] }],
      },
    ]);
    expect(await ann.rows({ namespace: 'sales', sql: 'select count(*) from kept' })).toEqual([[0]]);
  });

  it('undoes a transaction that was left open, and says so', async () => {
    const left = await ann.post({ namespace: 'sales', sql: 'begin; insert into orders values (77, 1)' });
    expect([left.status, left.body['rolledBack']]).toEqual([200, true]);
    expect(await ann.rows({ namespace: 'sales', sql: 'select count(*) from orders where id = 77' })).toEqual([[0]]);
  });

  it('takes parameters as values', async () => {
    const odd = `it's "odd"; drop table orders --`;
    const sql = 'select $1 as a, $2::bigint as b, $3 as c, $4::int as d, $5::date as e';
    const parameters = [odd, '9007199254740993', true, null, '2024-02-29'];
    expect(await ann.rows({ namespace: 'sales', sql, parameters })).toEqual([
      [odd, '9007199254740993', true, null, '2024-02-29'],
    ]);
  });

  it('gives lists, structs, bytes and times in JSON', async () => {
    const sql = `select array[1, 2] as l, struct_pack(a := 1, b := array[true, null]) as s, 'ab'::blob as b,
      '2024-02-29T12:00:00Z'::timestamptz as t, 'NaN'::double as n, interval '1 day' as i`;
    expect(await ann.rows({ namespace: 'sales', sql })).toEqual([
      [[1, 2], { a: 1, b: [true, null] }, 'YWI=', '2024-02-29T12:00:00Z', 'NaN', '1 day'],
    ]);
  });

  it('cuts rows at maxRows and says so', async () => {
    const { body } = await ann.post({ namespace: 'sales', sql: 'select * from range(10); select 1', maxRows: 3 });
    expect(body['results']).toMatchObject([
      { rows: [[0], [1], [2]], rowCount: 3, truncated: true },
      { rows: [[1]], truncated: false },
    ]);
  });

  it('explains, and shows what the system knows', async () => {
    const plan = await ann.rows({ namespace: 'sales', sql: 'explain select count(*) from orders' });
    expect(JSON.stringify(plan)).toContain('orders');
    expect(await ann.rows('show namespaces')).toEqual([expect.arrayContaining(['sales'])]);
  });

  it('ends a statement with KILL QUERY', async () => {
    const slow = ann.post({ namespace: 'sales', sql: SLOW });
    let id: unknown;
    await until(async () => {
      const running = (await ann.rows(`select query_id, statement from system.queries`)) as [string, string][];
      id = running.find(([, statement]) => statement === SLOW)?.[0];
      return id !== undefined;
    });
    expect((await ann.post(`kill query '${String(id)}'`)).status).toBe(200);
    expect((await slow).body).toMatchObject({ status: 409, code: 'statement_cancelled', statement: 0, results: [] });
  });

  it('ends a statement at its time', async () => {
    const { body } = await ann.post({ namespace: 'sales', sql: SLOW, timeoutSeconds: 0.2 });
    expect(body).toMatchObject({ status: 422, code: 'statement_timeout', statement: 0 });
  });

  it('has one engine context, which health and metrics show', async () => {
    expect(await metric(service, 'mooring_engine_contexts_built')).toBe(1);
    const ready = (await (await fetch(`${service.url}/health/ready`)).json()) as { checks: Record<string, unknown> };
    expect(ready.checks['engine']).toMatchObject({ status: 'up', details: { contexts: 1 } });
  });

  it('leaves no password in its log, and audits what was denied', async () => {
    await ann.post("create user eve password 'canary-password-1'");
    const user = sqlClient(service, await login('uma', stack.tenants.acme, 'user'));
    expect((await user.post('drop namespace sales cascade')).body).toMatchObject({ status: 403, code: 'forbidden' });
    await until(async () => service.output().includes('"action":"drop_namespace"'));
    expect(service.output()).not.toContain('canary-password-1');
    expect(await metric(service, 'mooring_engine_statements_denied_total')).toBeGreaterThan(0);
  });
});

const hasher = new PasswordHasher({ cost: { memoryKib: 64, passes: 1, lanes: 1 }, atOnce: 1, maxWaiting: 1 });
const SLOW = 'select count(*) from range(100000000) a, range(100000) b where a.range % 7 = b.range % 11';

describe('people of the auth API', () => {
  it('are granted rights by their names, act for others, and are nobody in another tenant', async () => {
    const { acme, globex } = stack.tenants;
    const dora = await members.join(service, 'Dora', acme, 'dba');
    const rob = await members.join(service, 'rob@example.com', acme, 'user');
    const read = { namespace: 'shared', sql: 'select n from t' };
    await dora.rows('create namespace shared; use namespace shared; create table t as select 7 as n');
    expect((await rob.post(read)).status).toBe(403);
    await dora.rows("use namespace shared; grant select on t to user 'Rob@Example.com'");
    expect(await rob.rows(read)).toEqual([[7]]);
    const asRob = "execute as user 'rob@example.com' (select user_id, name, role from system.users)";
    expect(await dora.rows(asRob)).toEqual([[rob.id, 'rob@example.com', 'user']]);
    const listed = "select user_id, name, role from system.users where role <> 'service' order by name";
    const both = [
      [dora.id, 'Dora', 'dba'],
      [rob.id, 'rob@example.com', 'user'],
    ];
    expect(await dora.rows(listed)).toEqual(expect.arrayContaining(both));
    const eli = await members.join(service, 'eli', globex, 'dba');
    const [theirs, nobodys] = await Promise.all(
      ['rob@example.com', 'bob@example.com'].map((name) => eli.post(`execute as user '${name}' (select 1)`)),
    );
    expect(theirs?.body).toMatchObject({ status: 404, code: 'object_not_found' });
    expect({ ...theirs?.body, requestId: '', tookMs: 0 }).toEqual(
      JSON.parse(JSON.stringify({ ...nobodys?.body, requestId: '', tookMs: 0 }).replaceAll('bob@', 'rob@')),
    );
    expect(await eli.rows(listed)).toEqual([[eli.id, 'eli', 'dba']]);
  });

  it('are made with a password to log in with, changed and dropped by a dba, and their tokens end with that', async () => {
    const { acme } = stack.tenants;
    const dina = await members.join(service, 'dina', acme, 'dba');
    const password = 'canary of a password';
    const create = `create user cara password '${password}' role service`;
    expect((await dina.post(create)).body).toMatchObject({ results: [{ rowCount: 1 }] });
    expect((await dina.post(create)).body).toMatchObject({ status: 409, code: 'already_exists' });
    const cara = await members.users.findByName('cara');
    expect(cara).toMatchObject({ tenantId: acme, role: 'service', disabled: false, version: 1 });
    if (cara === undefined) throw new Error('gone');
    expect(await hasher.verify(cara.passwordHash, password)).toEqual({ matches: true, outdated: false });
    const own = 'select user_id from system.users';
    const loggedIn = async () => sqlClient(service, await login(cara.id, acme, 'service'));
    const first = await loggedIn();
    expect(await first.rows(own)).toEqual([[cara.id]]);
    await dina.rows('alter user cara disable');
    expect((await first.post(own)).status).toBe(401);
    await dina.rows(`alter user cara enable password 'another ${password}'`);
    const second = await loggedIn();
    await dina.rows('drop user cara');
    expect((await second.post(own)).status).toBe(401);
    expect(await members.users.findById(cara.id)).toBeUndefined();
    expect(await dina.rows("select count(*) from system.users where name = 'cara'")).toEqual([[0]]);
    await until(async () => service.output().includes('"action":"drop_user"'));
    expect(service.output()).not.toContain(password);
    expect(JSON.stringify(await dina.rows('select * from system.audit_log'))).not.toContain(password);
  });
});

describe('tenants', () => {
  it('have nothing of one another, nor learn that it is there', async () => {
    const cy = sqlClient(service, await login('cy', stack.tenants.globex));
    const [theirs, none] = await Promise.all([
      cy.post({ namespace: 'sales', sql: 'select * from orders' }),
      cy.post({ namespace: 'never', sql: 'select * from orders' }),
    ]);
    expect(theirs.body).toMatchObject({ status: 404, code: 'object_not_found' });
    expect({ ...theirs.body, requestId: '', tookMs: 0 }).toEqual(
      JSON.parse(JSON.stringify({ ...none.body, requestId: '', tookMs: 0 }).replaceAll('never', 'sales')),
    );
    await cy.rows('create namespace sales; use namespace sales; create table orders (theirs text)');
    expect(await cy.rows({ namespace: 'sales', sql: 'select * from orders' })).toEqual([]);
    expect(await cy.rows('select name from system.namespaces')).toEqual([['sales']]);
    expect((await ann.post({ namespace: 'sales', sql: 'select theirs from orders' })).status).not.toBe(200);
  });

  it('of tokens of the configuration are apart too', async () => {
    const bob = sqlClient(service, TOKENS.bob);
    expect((await bob.post('create namespace more')).body).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await bob.post({ namespace: 'sales', sql: 'create table of_service (n int)' })).status).toBe(200);
  });
});
