import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { TOKENS, client, startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';

let stack: Stack;
let service: ServiceProcess;
beforeAll(async () => {
  stack = await startStack();
  service = await stack.start({
    MOORING_BODY_LIMIT_BYTES: '300000',
    MOORING_METRICS_TENANTS: '9',
    MOORING_METRICS_EMF: 'stdout',
  });
});
afterAll(() => stack.stop());

const QUERIES = '/v1/queries';

describe('bad input', () => {
  it.each([
    ['an empty statement', { sql: '  -- nothing' }, 400, 'invalid_statement', '#/sql'],
    ['too long a statement', { sql: `select '${'x'.repeat(205_000)}'` }, 400, 'invalid_statement', '#/sql'],
    ['several statements', { sql: 'select 1; select 2' }, 400, 'invalid_statement', '#/sql'],
    ['an open quote', { sql: "select 'x" }, 400, 'invalid_statement', '#/sql'],
    ['a missing parameter', { sql: 'select :a' }, 400, 'invalid_parameters', '#/parameters/a'],
    ['an unused parameter', { sql: 'select 1', parameters: { a: 1 } }, 400, 'invalid_parameters', '#/parameters/a'],
    [
      'a duplicate parameter',
      {
        sql: 'select :a',
        parameters: [
          { name: 'a', value: 1 },
          { name: 'a', value: 2 },
        ],
      },
      400,
      'invalid_parameters',
      '#/parameters/a',
    ],
    ['a parameter of null', { sql: 'select :a', parameters: { a: null } }, 400, 'validation_failed', '#/parameters/a'],
    ['no statement', {}, 400, 'validation_failed', '#/sql'],
    ['an unknown member', { sql: 'select 1', limit: 1 }, 400, 'validation_failed', '#'],
    ['too long a wait', { sql: 'select 1', waitSeconds: 31 }, 400, 'validation_failed', '#/waitSeconds'],
    ['too many rows', { sql: 'select 1', maxRows: 10_001 }, 400, 'validation_failed', '#/maxRows'],
    ['too long a timeout', { sql: 'select 1', timeoutSeconds: 1e6 }, 400, 'validation_failed', '#/timeoutSeconds'],
  ])('answers %s', async (_, body, status, code, pointer) => {
    const answer = await client(service).run(body);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status, code, errors: [{ pointer }] });
    if (pointer === '#') expect(JSON.stringify(answer.body)).toContain('not known here: limit');
    expect(answer.body['requestId']).toBe(answer.headers.get('x-request-id'));
  });

  it.each([
    ['a body that is no JSON', '{"sql":', 400, 'malformed_json'],
    ['a member that is there twice', '{"sql":"select :a","parameters":{"a":1,"a":2}}', 400, 'malformed_json'],
    [
      'a number that JSON readers round',
      '{"sql":"select :a","parameters":{"a":9007199254740993}}',
      400,
      'validation_failed',
    ],
    ['too large a body', JSON.stringify({ sql: 'x'.repeat(300_001) }), 413, 'body_too_large'],
  ])('answers %s', async (_, body, status, code) => {
    expect((await client(service).run(body)).body).toMatchObject({ status, code });
  });

  it('keeps no record of a statement that was refused', async () => {
    await client(service, TOKENS.bob).run({ sql: 'select 1; select 2' });
    expect((await client(service, TOKENS.bob).ask('GET', QUERIES)).body['queries']).toEqual([]);
  });

  it('answers bad cursors and limits', async () => {
    const caller = client(service);
    const { body } = await caller.run({ sql: 'select generate_series(1, 9)', maxRows: 2 });
    const other = await caller.run({ sql: 'select generate_series(1, 9)', maxRows: 2 });
    const rows = `${QUERIES}/${String(body['id'])}/rows`;
    for (const path of [
      `${QUERIES}?cursor=nonsense`,
      `${rows}?cursor=nonsense`,
      `${rows}?cursor=`,
      `${rows}?cursor=${String(other.body['nextCursor'])}`,
    ]) {
      expect([path, (await caller.ask('GET', path)).body]).toMatchObject([
        path,
        { status: 400, code: 'invalid_cursor' },
      ]);
    }
    for (const path of [`${QUERIES}?limit=0`, `${QUERIES}?limit=101`, `${rows}?limit=x`, `${rows}?limit=20000`]) {
      expect([path, (await caller.ask('GET', path)).body]).toMatchObject([
        path,
        { status: 400, code: 'validation_failed' },
      ]);
    }
  });
});

describe('who may see what', () => {
  it.each([
    ['no token', undefined, 'Bearer'],
    ['an unknown token', 'Bearer nobody-knows-this-token', 'Bearer error="invalid_token"'],
    ['another scheme, so no token', `Basic ${TOKENS.ann}`, 'Bearer'],
  ])('answers 401 to %s on every route', async (_, authorization, challenge) => {
    for (const [method, path] of [
      ['POST', QUERIES],
      ['GET', QUERIES],
      ['GET', `${QUERIES}/x`],
      ['GET', `${QUERIES}/x/rows`],
      ['GET', `${QUERIES}/x/download`],
      ['DELETE', `${QUERIES}/x`],
    ] as const) {
      const headers = authorization === undefined ? {} : { authorization };
      const response = await fetch(service.url + path, { method, headers });
      expect([path, response.status, response.headers.get('www-authenticate')]).toEqual([path, 401, challenge]);
      expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
    }
  });

  it("does not find another's query", async () => {
    const { body } = await client(service).run({ sql: "select 'canary-secret' as s" });
    const id = String(body['id']);
    for (const token of [TOKENS.bob, TOKENS.cy]) {
      const stranger = client(service, token);
      const answers = await Promise.all([stranger.get(id), stranger.get(`${id}/rows`), stranger.cancel(id)]);
      for (const answer of answers) expect(answer.body).toMatchObject({ status: 404, code: 'query_not_found' });
      expect(JSON.stringify(answers)).not.toContain('canary-secret');
    }
    for (const id of ['x', '..', '%00', 'a'.repeat(128), 'a'.repeat(200)]) {
      expect((await client(service).get(encodeURIComponent(id))).body).toMatchObject({ status: 404 });
    }
  });

  it("does not find another's query while it runs, on the instance that runs it", async () => {
    const { body } = await client(service).run({ sql: 'select pg_sleep(600)', waitSeconds: 0 });
    const id = String(body['id']);
    for (const token of [TOKENS.bob, TOKENS.cy]) {
      const stranger = client(service, token);
      const answers = await Promise.all([stranger.get(id), stranger.get(`${id}/rows`), stranger.cancel(id)]);
      for (const answer of answers) expect(answer.body).toMatchObject({ status: 404, code: 'query_not_found' });
    }
    expect((await client(service).get(id)).body['status']).toMatch(/queued|running/);
    await client(service).cancel(id);
  });

  it("runs each tenant's statements as a database user of its own", async () => {
    const users = await Promise.all(
      [TOKENS.ann, TOKENS.bob, TOKENS.cy].map(async (token) => {
        return (await client(service, token).run({ sql: 'select current_user::text' })).body['rows'];
      }),
    );
    const { acme, globex } = stack.tenants;
    expect(users).toEqual([[[`tenant_${acme}`]], [[`tenant_${acme}`]], [[`tenant_${globex}`]]]);
  });
});

describe('what it shows of itself', () => {
  it('counts hits and misses by tenant', async () => {
    await client(service).run({ sql: 'select 1' });
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    const sample = (name: string, label: string): number =>
      Number(
        metrics
          .split('\n')
          .find((line) => line.startsWith(`${name}{`) && line.includes(label))
          ?.split('} ')[1],
      );
    expect(sample('mooring_warehouse_session_hits_total', `tenant="${stack.tenants.acme}"`)).toBeGreaterThan(0);
    expect(sample('mooring_warehouse_sessions_created_total', `tenant="${stack.tenants.acme}"`)).toBeGreaterThan(0);
    expect(sample('mooring_warehouse_session_misses_total', `tenant="${stack.tenants.acme}"`)).toBeGreaterThan(0);
    expect(sample('mooring_warehouse_sessions_held', '')).toBeGreaterThan(0);
    expect(sample('http_request_duration_seconds_count', 'route="/v1/queries/:id/rows"')).toBeGreaterThan(0);
  });

  it('documents each route with its problems and examples', async () => {
    const document = (await (await fetch(`${service.url}/docs/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { responses: object; security: unknown; requestBody?: unknown }>>;
    };
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        QUERIES,
        `${QUERIES}/{id}`,
        `${QUERIES}/{id}/rows`,
        `${QUERIES}/{id}/download`,
        '/health/live',
        '/health/ready',
      ]),
    );
    const post = document.paths[QUERIES]?.['post'];
    expect(Object.keys(post?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '202', '400', '401', '413', '422', '503']),
    );
    expect(JSON.stringify(post?.requestBody)).toContain('where origin = :origin');
    expect(JSON.stringify(post?.responses)).toContain('idempotency_key_reused');
    expect(post?.security).toEqual([{ bearer: [] }]);
  });

  it('logs neither tokens nor SQL nor values', async () => {
    await client(service).run({ sql: 'select :v as canary_column', parameters: { v: 'canary-value' } });
    await client(service).run({ sql: 'select canary_missing' });
    await fetch(`${service.url}${QUERIES}?token=canary-query`, {
      headers: { authorization: 'Bearer canary-token-0001' },
    });
    const output = service.output();
    expect(output).toContain('"route":"/v1/queries","status":200');
    expect(output).toContain('Using database for session storage');
    for (const secret of ['canary', ...Object.values(TOKENS), 'hunter2']) expect(output).not.toContain(secret);
  });
});

describe('metrics for CloudWatch', () => {
  it('say at the end what was counted, to the last', async () => {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    const counted = (tenant: string): number =>
      Number(
        new RegExp(`^mooring_warehouse_session_hits_total\\{tenant="${tenant}".*\\} (\\d+)$`, 'm').exec(metrics)?.[1],
      );
    await service.stop();
    const lines = service
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{"_aws"'));
    const hits = (tenant: string): number =>
      lines
        .map((line) => JSON.parse(line) as { TenantId: string; SessionHit: number })
        .filter(({ TenantId }) => TenantId === tenant)
        .reduce((sum, { SessionHit }) => sum + SessionHit, 0);
    const { acme, globex } = stack.tenants;
    expect(hits(acme)).toBeGreaterThan(0);
    expect([hits(acme), hits(globex)]).toEqual([counted(acme), counted(globex) || 0]);
  });
});
