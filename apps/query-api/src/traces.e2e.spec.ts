import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { RunningService } from '@mooring/nest-runtime';
import { recordSpans } from '@mooring/services';
import type { RecordedSpans } from '@mooring/services';
import { Client } from 'pg';
import { serve } from './serve.ts';
import { logins, sqlClient } from './sql/sql.fixture.ts';
import { TOKENS, client, startStack } from './stack.fixture.ts';
import type { Stack } from './stack.fixture.ts';

const LIMITS = { MOORING_RATE_LIMIT_REQUESTS: '10000', MOORING_BUDGET_STATEMENTS_PER_DAY: '100000' };

let spans: RecordedSpans;
let stack: Stack;
let service: RunningService;
let folder: string;
beforeAll(async () => {
  spans = await recordSpans();
  folder = await mkdtemp(join(tmpdir(), 'mooring-traces-'));
  stack = await startStack();
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) process.env[name] = 'local';
  const env = { ...stack.env, ...LIMITS, MOORING_DATA_DIR: folder, MOORING_PORT: '0', MOORING_LOG_LEVEL: 'silent' };
  service = await serve(env, false);
});
afterAll(async () => {
  await service?.close();
  await stack?.stop();
  await spans?.stop();
  await rm(folder, { recursive: true });
});
afterEach(() => spans.reset());

/** Spans end a little after the answer. What has not ended after a long while is missing in the tree. */
async function treeOf(root: string, ...last: readonly string[]): Promise<string[]> {
  const ended = (name: string): boolean => spans.all().some((span) => span.name === name);
  for (let looks = 0; looks < 12_000 && ![root, ...last].every(ended); looks += 1) await setTimeout(10);
  return (spans.trees(root)[0] ?? '').split('\n');
}

/** What of these is in a span. */
function told(...secrets: readonly string[]): string[] {
  const shown = spans.all().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }));
  return secrets.filter((secret) => JSON.stringify(shown).includes(secret));
}

it('a query is a tree of its token, its statement, its record and its rows', async () => {
  const tokens = await stack.tokens();
  const issued = await tokens.issue({ tenantId: stack.tenants.acme, subjectId: 'ann', claims: {} });
  if (!issued.ok) throw new Error(issued.reason);
  const caller = client(service, issued.value.token);
  await caller.run({ sql: "select 'canary' as x, :n as n", parameters: { n: 'canary' } });
  expect(await treeOf('POST /v1/queries', 'query', 'store budgets.settle')).toEqual([
    'POST /v1/queries',
    '  Redshift Data.GetStatementResult',
    '  query',
    '    Redshift Data.DescribeStatement',
    '    Redshift Data.ExecuteStatement',
    '    store pool.acquire',
    '    store pool.register',
    '    store sessions.update',
    '  store budgets.reserve',
    '  store budgets.settle',
    '  store limits.consume',
    '  store sessions.create',
    '  token verify',
    '    store sessions.touch',
  ]);
  expect(told('canary', 'select ', issued.value.token)).toEqual([]);
  const query = spans.all().find(({ name }) => name === 'query');
  expect(query?.attributes['mooring.tenant.id']).toBe(stack.tenants.acme);
});

it('SQL is a tree of its statements, each known by its kind', async () => {
  await client(service).ask('POST', '/v1/sql', { sql: "show namespaces; select 'canary'" });
  expect(await treeOf('POST /v1/sql', 'sql select')).toEqual([
    'POST /v1/sql',
    '  sql select',
    '  sql show_namespaces',
    '  store budgets.reserve',
    '  store budgets.settle',
    '  store limits.consume',
    '  token verify',
  ]);
  expect(told('canary', 'show namespaces', TOKENS.ann)).toEqual([]);
});

/** Of sessions of the warehouse, which are kept beside requests. */
const BESIDE = /^mooring_(pool|lease)_/;

/** What PostgreSQL is asked while the work is done, by the names of its statements: each is one round trip. */
async function askedBy(work: () => Promise<unknown>): Promise<string[]> {
  const asked: string[] = [];
  const client: { query: (this: unknown, ...given: unknown[]) => unknown } = Client.prototype;
  const { query } = client;
  client.query = function (...given) {
    const { name = 'unnamed' } = given[0] as { readonly name?: string };
    if (!BESIDE.test(name)) asked.push(name.replace(/^mooring_(.*)_\d+$/, '$1'));
    return query.apply(this, given);
  };
  try {
    await work();
  } finally {
    client.query = query;
  }
  return asked.sort();
}

it('SQL asks the store once for each thing that it must know: token, limit, catalog, budget', async () => {
  const login = logins(await stack.tokens());
  const user = sqlClient(service, await login('dora', stack.tenants.acme));
  const configured = sqlClient(service, TOKENS.ann);
  await user.rows(
    'create namespace sales; use namespace sales; create table t (n int); grant select on t to role user',
  );
  const counted = ['budget_finish', 'budget_reserve'];
  const used = ['limit_take', 'session_verify'];
  const askedFor = async (caller: typeof user, sql: string): Promise<string[]> => {
    await caller.rows({ namespace: 'sales', sql });
    let fewest = await askedBy(() => caller.rows({ namespace: 'sales', sql }));
    // A statement that took long, on a busy machine, has a record besides.
    for (let again = 0; again < 3; again += 1) {
      const asked = await askedBy(() => caller.rows({ namespace: 'sales', sql }));
      if (asked.length < fewest.length) fewest = asked;
    }
    return fewest;
  };
  expect(await askedFor(user, 'select 1')).toEqual([...counted, 'catalog_find', ...used]);
  expect(await askedFor(configured, 'select 1')).toEqual([...counted, 'catalog_find', 'limit_take']);
  expect(await askedFor(user, 'select n from t')).toEqual([...counted, 'catalog_find_all', ...used]);
  expect(await askedFor(user, 'select n from t; select 1')).toEqual([
    ...counted,
    'catalog_find',
    'catalog_find_all',
    ...used,
  ]);
  expect(await askedFor(user, 'insert into t values (1)')).toEqual([
    'audit_append',
    ...counted,
    'catalog_find_all',
    ...used,
  ]);
  expect(await askedFor(user, 'show tables')).toEqual([...counted, 'catalog_find', 'catalog_scan_until', ...used]);
  expect(await askedFor(user, 'select * from system.queries')).toEqual([
    ...counted,
    'limit_take',
    'session_list_tenant',
    'session_verify',
  ]);
});
