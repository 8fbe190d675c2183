import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuthTokens, IssuedToken } from '@mooring/auth-tokens';
import { startFaultProxy } from '@mooring/services';
import type { ServiceProcess } from '@mooring/services';
import { client, startStack } from './stack.fixture.ts';
import type { Stack } from './stack.fixture.ts';

let stack: Stack;
let tokens: AuthTokens;
let pods: readonly [ServiceProcess, ServiceProcess];
beforeAll(async () => {
  stack = await startStack();
  tokens = await stack.tokens();
  pods = await Promise.all([stack.start(), stack.start()]);
});
afterAll(() => stack.stop());

async function login(subjectId = 'ann', tenantId = stack.tenants.acme): Promise<IssuedToken> {
  const issued = await tokens.issue({ tenantId, subjectId, claims: { role: 'user' } });
  if (!issued.ok) throw new Error(issued.reason);
  return issued.value;
}

const LIST = '/v1/queries?limit=1';
const WHO = { sql: 'select current_user::text as who' };

describe('tokens that were issued elsewhere', () => {
  it('are good on every pod at once, and carry their tenant to the warehouse', async () => {
    const { token } = await login();
    for (const pod of pods) {
      const answer = await client(pod, token).run(WHO);
      expect([answer.status, answer.body['rows']]).toEqual([200, [[`tenant_${stack.tenants.acme}`]]]);
    }
    const other = await login('cy', stack.tenants.globex);
    expect((await client(pods[0], other.token).run(WHO)).body['rows']).toEqual([[`tenant_${stack.tenants.globex}`]]);
  });

  it('are refused on every pod at once when their session ended', async () => {
    const { token } = await login();
    for (const pod of pods) expect((await client(pod, token).run(WHO)).status).toBe(200);
    await tokens.revoke(token);
    for (const pod of pods) {
      const answer = await client(pod, token).run(WHO);
      expect(answer.body).toMatchObject({ status: 401, code: 'unauthenticated' });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    }
  });

  it('see queries of their user alone', async () => {
    const [ann, bob] = [await login('ann'), await login('bob')];
    const { body } = await client(pods[0], ann.token).run(WHO);
    expect((await client(pods[1], ann.token).get(String(body['id']))).status).toBe(200);
    expect((await client(pods[1], bob.token).get(String(body['id']))).status).toBe(404);
  });

  it('of a tenant that could not have a database user of its own run nothing', async () => {
    for (const tenantId of ['Acme', 'a"; drop role x; --']) {
      const { token } = await login('eve', tenantId);
      expect((await client(pods[0], token).run(WHO)).body).toMatchObject({ status: 403, code: 'forbidden' });
    }
  });

  it('that are junk, cut off or changed are refused', async () => {
    const { token } = await login();
    for (const junk of ['mrg_', token.slice(0, -1), `${token}x`, token.replace('mrg_', 'mrg__')]) {
      expect((await client(pods[0], junk).run(WHO)).status).toBe(401);
    }
  });

  it('are taken for the stated time after they ended, where answers are kept', async () => {
    const pod = await stack.start({ MOORING_TOKEN_MAX_STALENESS_MS: '1500' });
    const { token } = await login();
    expect((await client(pod, token).run(WHO)).status).toBe(200);
    await tokens.revoke(token);
    const endedAt = performance.now();
    expect((await client(pods[1], token).run(WHO)).status).toBe(401);
    for (let status = 200, askedAt = endedAt; status === 200;) {
      // A request of after that time has to be refused, however long its answer takes.
      expect(askedAt - endedAt).toBeLessThan(1500);
      askedAt = performance.now();
      ({ status } = await client(pod, token).run(WHO));
    }
    await pod.stop();
  });
});

describe('a session that is ended while a statement of it runs', () => {
  it('takes the statement with it', async () => {
    const { token, principal } = await login('dora');
    const { begin } = client(pods[0], token);
    const { id } = await begin({ sql: 'select pg_sleep(600)' });
    await tokens.revokeAll({ tenantId: principal.tenantId, subjectId: 'dora' }, 'disabled');
    const again = await login('dora');
    const state = await client(pods[1], again.token).ended(String(id));
    expect(state.body).toMatchObject({ status: 'cancelled' });
  });
});

describe('the limit on requests', () => {
  it('admits exactly so many of a session over all pods, and says so in headers', async () => {
    const limits = { MOORING_RATE_LIMIT_REQUESTS: '10', MOORING_RATE_LIMIT_WINDOW_SECONDS: '3600' };
    const limited = await Promise.all([0, 1].map(() => stack.start(limits)));
    const { token } = await login();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => client(limited[index % 2] ?? pods[0], token).ask('GET', LIST)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'too_many_requests' });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused?.headers.get('ratelimit-policy')).toBe('"requests-session";q=10;w=3600');
    const other = await login();
    expect((await client(limited[0] ?? pods[0], other.token).ask('GET', LIST)).headers.get('ratelimit-remaining')).toBe(
      '9',
    );
    await Promise.all(limited.map((pod) => pod.stop()));
  });
});

describe("a tenant's budgets", () => {
  const start = (env: Record<string, string>) => stack.start(env);

  it('are never passed by many at once, and a retry is charged once', async () => {
    const pod = await start({ MOORING_BUDGET_STATEMENTS_PER_DAY: '6' });
    const { token } = await login();
    const { run } = client(pod, token);
    for (let retry = 0; retry < 3; retry += 1) expect((await run(WHO, 'once')).status).toBe(200);
    expect((await run({ sql: 'select (' })).status).toBe(422);
    const answers = await Promise.all(Array.from({ length: 12 }, () => run(WHO)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(4);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'budget_exceeded', budget: 'statements', remaining: 0 });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    await pod.stop();
  });

  it('hold what a query may take, and settle what it took', async () => {
    const pod = await start({ MOORING_BUDGET_ROWS_PER_DAY: '1000', MOORING_BUDGET_SECONDS_PER_DAY: '400' });
    const { token } = await login('cy', stack.tenants.globex);
    const { run } = client(pod, token);
    const rows = { sql: 'select generate_series(1, 30)', maxRows: 500, timeoutSeconds: 60 };
    const first = await run(rows);
    expect([first.status, first.headers.get('budget-remaining')]).toEqual([200, 'seconds=340, rows=500']);
    let remaining = '';
    while (!/^seconds=3[0-9]{2}, rows=470$/.test(remaining)) {
      const answer = await run({ ...rows, sql: 'select 1 where false' });
      remaining = answer.headers.get('budget-remaining') ?? '';
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    }
    // What the last one held is given back when it ended, which may be after its answer.
    let refused = await run({ sql: 'select 1', maxRows: 1000 });
    while (refused.body['remaining'] === 470) refused = await run({ sql: 'select 1', maxRows: 1000 });
    expect(refused.body).toMatchObject({ code: 'budget_exceeded', budget: 'rows', remaining: 970 });
    expect(refused.body['detail']).toContain('Ask for a smaller maxRows');
    expect((await run({ sql: 'select (', maxRows: 1 })).status).toBe(422);
    await pod.stop();
  });
});

describe('a budget of rows', () => {
  it('counts what is read from /rows, too, whatever the cursor', async () => {
    const pod = await stack.start({ MOORING_BUDGET_ROWS_PER_DAY: '100' });
    const { token } = await login('dan', `${stack.tenants.acme}_d`);
    const { ask, run } = client(pod, token);
    const first = await run({ sql: 'select n from generate_series(1, 5000) n', maxRows: 10 });
    expect(first.headers.get('budget-remaining')).toBe('rows=90');
    const rows = `/v1/queries/${String(first.body['id'])}/rows`;
    const from = `${rows}?cursor=${String(first.body['nextCursor'])}`;
    expect((await ask('GET', `${rows}?limit=10`)).body['rows']).toHaveLength(10);
    expect((await ask('GET', `${rows}?limit=40`)).body).toMatchObject({ rows: { length: 40 } });
    expect((await ask('GET', `${from}&limit=50`)).body['rows']).toHaveLength(50);
    const refused = await ask('GET', `${from}&limit=50`);
    expect(refused.body).toMatchObject({ status: 429, code: 'budget_exceeded', budget: 'rows', remaining: 10 });
    expect((await ask('GET', `${from}&limit=10`)).body['rows']).toHaveLength(10);
    expect((await ask('GET', `${rows}?limit=10`)).status).toBe(200);
    await pod.stop();
  });
});

describe('a store that is away', () => {
  it('is a 503 for a token, never a 401 and never a 200', async () => {
    const database = stack.env['DATABASE_URL'] ?? '';
    const proxy = await startFaultProxy({ target: database });
    const pod = await stack.start({ DATABASE_URL: proxy.url(database) });
    const { token } = await login();
    expect((await client(pod, token).run(WHO)).status).toBe(200);
    proxy.cut();
    const answer = await client(pod, token).run(WHO);
    expect(answer.body).toMatchObject({ status: 503, code: 'store_unavailable' });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    proxy.heal();
    let status = 503;
    while (status === 503) ({ status } = await client(pod, token).run(WHO));
    expect(status).toBe(200);
    await pod.stop();
    await proxy.close();
  });
});
