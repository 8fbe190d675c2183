import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';
import { logins, sqlClient } from './sql.fixture.ts';

let stack: Stack;
let service: ServiceProcess;
let ann: ReturnType<typeof sqlClient>;
let login: ReturnType<typeof logins>;
beforeAll(async () => {
  stack = await startStack();
  service = await stack.start();
  login = logins(await stack.tokens());
  ann = sqlClient(service, await login('ann', stack.tenants.acme));
  await ann.rows('create namespace sales; use namespace sales; create table orders (id int)');
});
afterAll(() => stack.stop());

describe('bad input', () => {
  it.each([
    ['no sql', {}, 400, 'validation_failed', { errors: [{ pointer: '#/sql' }] }],
    ['an unknown member', { sql: 'select 1', limit: 1 }, 400, 'validation_failed', {}],
    [
      'named parameters',
      { sql: 'select 1', parameters: { a: 1 } },
      400,
      'validation_failed',
      { errors: [{ pointer: '#/parameters' }] },
    ],
    [
      'a list as parameter',
      { sql: 'select $1', parameters: [[1]] },
      400,
      'validation_failed',
      { errors: [{ pointer: '#/parameters/0' }] },
    ],
    [
      'a session and a namespace',
      { sql: 'select 1', session: 'x', namespace: 'sales' },
      400,
      'validation_failed',
      { errors: [{ pointer: '#/namespace' }] },
    ],
    [
      'too many rows',
      { sql: 'select 1', maxRows: 10_001 },
      400,
      'validation_failed',
      { errors: [{ pointer: '#/maxRows' }] },
    ],
    [
      'too long a time',
      { sql: 'select 1', timeoutSeconds: 3601 },
      400,
      'validation_failed',
      { errors: [{ pointer: '#/timeoutSeconds' }] },
    ],
    ['nothing to run', { sql: ' -- nothing\n;' }, 400, 'invalid_sql', {}],
    ['101 statements', { sql: 'select 1;'.repeat(101) }, 400, 'invalid_sql', {}],
    [
      'a syntax error',
      { sql: 'select 1;\n select from from 2' },
      400,
      'syntax_error',
      { line: 2, column: 14, errors: [{ pointer: '#/sql' }] },
    ],
    [
      'too few parameters',
      { sql: 'select $2::int', parameters: [1] },
      400,
      'invalid_parameters',
      { expected: 2, actual: 1, errors: [{ pointer: '#/parameters' }] },
    ],
    ['parameters of several statements', { sql: 'select $1; select $1', parameters: [1] }, 400, 'invalid_sql', {}],
    ['too large a body', { sql: 'select $1', parameters: ['x'.repeat(524_300)] }, 413, 'body_too_large', {}],
    ['no namespace', { sql: 'select * from orders' }, 400, 'invalid_sql', {}],
    [
      'a namespace that is not there',
      { sql: 'select * from orders', namespace: 'none' },
      404,
      'object_not_found',
      { statement: 0 },
    ],
    ['a table that is not there', { sql: 'select * from none', namespace: 'sales' }, 404, 'object_not_found', {}],
    ['a table that is there', { sql: 'create table orders (id int)', namespace: 'sales' }, 409, 'already_exists', {}],
    ['a namespace in use', { sql: 'drop namespace sales' }, 409, 'object_in_use', {}],
    ['a file', { sql: "select * from read_csv('/etc/passwd')", namespace: 'sales' }, 403, 'forbidden', {}],
    ['COPY', { sql: "copy orders to '/tmp/x'", namespace: 'sales' }, 400, 'unsupported_statement', {}],
    ['COMMIT without BEGIN', { sql: 'select 1; commit', namespace: 'sales' }, 409, 'no_transaction', { statement: 1 }],
    ['a user without a password', { sql: 'create user eve' }, 400, 'invalid_sql', {}],
    ['a short password', { sql: "create user eve password 'tar'" }, 400, 'invalid_sql', { rule: 'too_short' }],
  ])('answers %s', async (_, body, status, code, more) => {
    const answer = await ann.post(body);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status, code, instance: '/v1/sql', ...more });
    expect(answer.status).toBe(status);
  });

  it.each([
    ['a form that results have not', 'image/png'],
    ['none at all', 'application/json;q=0'],
  ])('answers %s', async (_, accept) => {
    const answer = await ann.stream({ sql: 'select 1' }, accept);
    expect([answer.status, await answer.json()]).toMatchObject([406, { code: 'not_acceptable' }]);
  });

  it('streams nothing of what fails at once, nor of a batch', async () => {
    for (const [sql, status, code] of [
      ['select * from none', 404, 'object_not_found'],
      ["select cast('x' || range as int) from range(3)", 422, 'statement_failed'],
      ['select from from', 400, 'syntax_error'],
      ['select 1; select 2', 406, 'not_acceptable'],
    ] as const) {
      const answer = await ann.stream({ sql, namespace: 'sales' }, 'text/csv');
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
    }
  });
});

describe('who may', () => {
  it.each([
    ['POST', '/v1/sql'],
    ['POST', '/v1/sql/sessions'],
    ['GET', '/v1/sql/sessions'],
    ['DELETE', '/v1/sql/sessions/x'],
  ])('answers 401 to %s %s without a token', async (method, path) => {
    const response = await fetch(service.url + path, { method });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });
});

describe('limits', () => {
  it('counts requests as on the other routes', async () => {
    const pod = await stack.start({ MOORING_RATE_LIMIT_REQUESTS: '2', MOORING_RATE_LIMIT_WINDOW_SECONDS: '3600' });
    const limited = sqlClient(pod, await login('lim', stack.tenants.acme));
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await limited.post('show namespaces')).status);
    expect(statuses).toEqual([200, 200, 429]);
    await pod.stop();
  });

  it('holds a tenant to its budget, and charges what ran', async () => {
    const pod = await stack.start({
      MOORING_BUDGET_STATEMENTS_PER_DAY: '5',
      MOORING_BUDGET_ROWS_PER_DAY: '1000',
      MOORING_QUERY_MAX_ROWS: '100',
    });
    const held = sqlClient(pod, await login('gil', stack.tenants.globex));
    const run = async (body: Readonly<Record<string, unknown>>) => {
      const { status, headers, body: answer } = await held.post(body);
      return [status, answer['code'], headers.get('budget-remaining')];
    };
    expect(await run({ sql: 'show namespaces; show storages', maxRows: 10 })).toEqual([
      200,
      undefined,
      'statements=3, rows=980',
    ]);
    expect(await run({ sql: 'select from from' })).toEqual([400, 'syntax_error', null]);
    expect(await run({ sql: 'select 1', namespace: 'none' })).toEqual([
      404,
      'object_not_found',
      'statements=2, rows=899',
    ]);
    expect(await run({ sql: 'show namespaces;'.repeat(4) })).toEqual([429, 'budget_exceeded', 'statements=3']);
    const metrics = await (await fetch(`${pod.url}/metrics`)).text();
    expect(metrics).toMatch(/^mooring_query_budget_refusals_total\{budget="statements".*\} 1$/m);
    const streamed = await held.stream({ sql: 'show namespaces' }, 'text/csv');
    expect([streamed.status, await streamed.json()]).toMatchObject([400, { errors: [{ pointer: '#/maxRows' }] }]);
    const rows = await held.stream({ sql: 'show namespaces', maxRows: 10 }, 'text/csv');
    expect(rows.headers.get('budget-remaining')).toBe('statements=2, rows=989');
    await rows.text();
    expect(await run({ sql: 'show namespaces', maxRows: 10 })).toEqual([200, undefined, 'statements=1, rows=989']);
    await pod.stop();
  });
});
