import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuthTokens } from '@mooring/auth-tokens';
import type { ServiceProcess } from '@mooring/services';
import { startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';
import { logins, metric, sqlClient, until } from './sql.fixture.ts';

let stack: Stack;
let tokens: AuthTokens;
let pod: ServiceProcess;
let login: ReturnType<typeof logins>;
let ann: ReturnType<typeof sqlClient>;
beforeAll(async () => {
  stack = await startStack();
  tokens = await stack.tokens();
  login = logins(tokens);
  pod = await stack.start({ MOORING_SQL_SESSIONS_PER_USER: '4' });
  ann = sqlClient(pod, await login('ann', stack.tenants.acme));
  await ann.rows('create namespace sales; use namespace sales; create table orders (id int)');
});
afterAll(() => stack.stop());

const SESSIONS = '/v1/sql/sessions';

describe('a pinned session', () => {
  it('keeps its namespace, temporary tables, settings and transaction, apart from all others', async () => {
    const [one, two] = [await ann.open({ namespace: 'sales' }), await ann.open({ namespace: 'sales' })];
    await ann.rows({ session: one, sql: 'create temp table mine as select 1 as n' });
    await ann.rows({ session: one, sql: 'begin' });
    await ann.rows({ session: one, sql: 'insert into orders values (1)' });
    expect(await ann.rows({ session: one, sql: 'select count(*) from orders, mine' })).toEqual([[1]]);
    expect((await ann.post({ session: two, sql: 'select * from mine' })).body).toMatchObject({
      code: 'object_not_found',
    });
    expect((await ann.post({ namespace: 'sales', sql: 'select * from mine' })).body).toMatchObject({
      code: 'object_not_found',
    });
    expect(await ann.rows({ session: two, sql: 'select count(*) from orders' })).toEqual([[0]]);
    expect((await ann.ask('GET', `${SESSIONS}/${one}`)).body).toMatchObject({
      id: one,
      namespace: 'sales',
      transaction: 'open',
    });
    await ann.rows({ session: one, sql: 'commit' });
    expect(await ann.rows({ session: two, sql: 'select count(*) from orders' })).toEqual([[1]]);
    for (const id of [one, two]) expect((await ann.ask('DELETE', `${SESSIONS}/${id}`)).status).toBe(204);
    expect((await ann.post({ session: one, sql: 'select 1' })).body).toMatchObject({
      status: 404,
      code: 'sql_session_not_found',
    });
  });

  it('undoes its transaction when it is closed, while a statement of it runs, too', async () => {
    const id = await ann.open({ namespace: 'sales' });
    await ann.rows({ session: id, sql: 'begin' });
    await ann.rows({ session: id, sql: 'insert into orders values (99)' });
    const slow = ann.post({ session: id, sql: SLOW });
    await until(async () => (await ann.ask('GET', `${SESSIONS}/${id}`)).body['busy'] === true);
    expect((await ann.post({ session: id, sql: 'select 1' })).body).toMatchObject({
      status: 409,
      code: 'sql_session_busy',
    });
    expect((await ann.ask('DELETE', `${SESSIONS}/${id}`)).status).toBe(204);
    expect((await slow).body).toMatchObject({ code: 'statement_cancelled' });
    expect(await ann.rows({ namespace: 'sales', sql: 'select count(*) from orders where id = 99' })).toEqual([[0]]);
  });

  it('runs one statement of those that come at once, and tells the others', async () => {
    const id = await ann.open({ namespace: 'sales' });
    const answers = Array.from({ length: 8 }, () => ann.post({ session: id, sql: SLOW }));
    const refused: unknown[] = [];
    for (const answer of answers) void answer.then(({ body }) => refused.push(body['code']));
    await until(async () => refused.length === 7);
    expect(new Set(refused)).toEqual(new Set(['sql_session_busy']));
    await ann.ask('DELETE', `${SESSIONS}/${id}`);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([409]));
  });

  it('is not found by others, in the same tenant too, and is no part of their list', async () => {
    const id = await ann.open();
    const others = [
      sqlClient(pod, await login('bob', stack.tenants.acme)),
      sqlClient(pod, await login('ann', stack.tenants.globex)),
    ];
    for (const other of others) {
      const answers = await Promise.all([
        other.post({ session: id, sql: 'select 1' }),
        other.ask('GET', `${SESSIONS}/${id}`),
        other.ask('DELETE', `${SESSIONS}/${id}`),
      ]);
      for (const { body } of answers) expect(body).toMatchObject({ status: 404, code: 'sql_session_not_found' });
      expect((await other.ask('GET', SESSIONS)).body).toEqual({ sessions: [] });
    }
    expect((await ann.ask('GET', SESSIONS)).body).toMatchObject({ sessions: [{ id }] });
    await ann.ask('DELETE', `${SESSIONS}/${id}`);
  });

  it('answers where it is not found', async () => {
    for (const id of ['x', 'a'.repeat(100), `${'0'.repeat(12)}_${'0'.repeat(8)}`]) {
      expect((await ann.ask('GET', `${SESSIONS}/${id}`)).body).toMatchObject({
        status: 404,
        code: 'sql_session_not_found',
      });
    }
    const second = await stack.start();
    const id = await ann.open();
    const elsewhere = sqlClient(second, await login('ann', stack.tenants.acme));
    expect((await elsewhere.post({ session: id, sql: 'select 1' })).body).toMatchObject({
      status: 421,
      code: 'sql_session_elsewhere',
    });
    await ann.ask('DELETE', `${SESSIONS}/${id}`);
    await second.stop();
  });

  it('is one of so many of a user', async () => {
    const ids = [];
    for (let n = 0; n < 4; n += 1) ids.push(await ann.open());
    const fifth = await ann.ask('POST', SESSIONS, {});
    expect([fifth.status, fifth.body['code']]).toEqual([429, 'too_many_sql_sessions']);
    for (const id of ids) await ann.ask('DELETE', `${SESSIONS}/${id}`);
    expect(await metric(pod, 'mooring_engine_sql_sessions')).toBe(0);
  });

  it('ends when it is not used, with all that was left in it, however many were left', async () => {
    const brief = await stack.start({ MOORING_SQL_SESSION_IDLE_SECONDS: '1' });
    const callers = await Promise.all(
      ['cy', 'dan', 'eve', 'fay'].map(async (name, index) => {
        const tenant = index % 2 === 0 ? stack.tenants.globex : stack.tenants.acme;
        return sqlClient(brief, await login(name, tenant));
      }),
    );
    for (const caller of callers.slice(0, 2)) {
      await caller.rows('create namespace left_behind; use namespace left_behind; create table t (id int)');
    }
    const left = 'create temp table mine as select 1 as n; begin; insert into left_behind.t values (1)';
    const opened = callers.flatMap((caller) => Array.from({ length: 5 }, () => ({ caller, id: caller.open() })));
    const begun = await Promise.all(
      opened.map(async ({ caller, id }) =>
        caller.post({ session: await id, sql: `use namespace left_behind; ${left}` }),
      ),
    );
    // On a busy machine, some are over before their statements come.
    expect(begun.map(({ status }) => status)).toContain(200);
    await until(async () => (await metric(brief, 'mooring_engine_sql_sessions')) === 0);
    await until(async () => (await metric(brief, 'mooring_engine_embedded_connections')) === 0);
    for (const { caller, id } of opened) {
      expect((await caller.ask('GET', `${SESSIONS}/${await id}`)).body).toMatchObject({
        code: 'sql_session_not_found',
      });
    }
    for (const caller of callers.slice(0, 2)) {
      expect(await caller.rows('use namespace left_behind; select count(*) from t')).toEqual([[0]]);
    }
    await brief.stop();
  });

  it('ends with the token that opened it, and takes what runs with it', async () => {
    const token = await login('dora', stack.tenants.acme);
    const dora = sqlClient(pod, token);
    const id = await dora.open({ namespace: 'sales' });
    const slow = dora.post({ session: id, sql: SLOW });
    await until(async () => (await metric(pod, 'mooring_engine_statements_running')) === 1);
    await tokens.revoke(token);
    expect((await slow).body).toMatchObject({ code: 'statement_cancelled' });
    await until(async () => (await metric(pod, 'mooring_engine_sql_sessions')) === 0);
    const again = sqlClient(pod, await login('dora', stack.tenants.acme));
    expect((await again.ask('GET', `${SESSIONS}/${id}`)).body).toMatchObject({ code: 'sql_session_not_found' });
  });
});

const SLOW = 'select count(*) from range(100000000) a, range(100000) b where a.range % 7 = b.range % 11';
