import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { RunningService } from '@mooring/nest-runtime';
import { recordSpans } from '@mooring/services';
import type { RecordedSpans } from '@mooring/services';
import { serve } from './serve.ts';
import { TOKENS, client, startStack } from './stack.fixture.ts';
import type { Stack } from './stack.fixture.ts';

let spans: RecordedSpans;
let stack: Stack;
let service: RunningService;
beforeAll(async () => {
  spans = await recordSpans();
  stack = await startStack();
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) process.env[name] = 'local';
  service = await serve({ ...stack.env, MOORING_PORT: '0', MOORING_LOG_LEVEL: 'silent' }, false);
});
afterAll(async () => {
  await service?.close();
  await stack?.stop();
  await spans?.stop();
});
afterEach(() => spans.reset());

/** Spans end a little after the answer. What has not ended after a long while is missing in the tree. */
async function treeOf(root: string, last: string): Promise<string[]> {
  const ended = (name: string): boolean => spans.all().some((span) => span.name === name);
  for (let looks = 0; looks < 12_000 && !(ended(root) && ended(last)); looks += 1) await setTimeout(10);
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
  expect(await treeOf('POST /v1/queries', 'query')).toEqual([
    'POST /v1/queries',
    '  Redshift Data.GetStatementResult',
    '  query',
    '    Redshift Data.DescribeStatement',
    '    Redshift Data.ExecuteStatement',
    '    store pool.acquire',
    '    store pool.register',
    '    store sessions.update',
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
    '  token verify',
  ]);
  expect(told('canary', 'show namespaces', TOKENS.ann)).toEqual([]);
});
