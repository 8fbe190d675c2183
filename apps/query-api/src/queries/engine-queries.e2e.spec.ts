import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { newSessionId } from '@mooring/session-store';
import { createPostgresStore } from '@mooring/store-postgres';
import { logins, sqlClient, until } from '../sql/sql.fixture.ts';
import { PATIENT, client, startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';
import { StreamClient } from '../stream/stream-client.fixture.ts';

/** On embedded data of each process, and in the warehouse, which both have. */
const EMBEDDED = 'sales';
const WAREHOUSE = 'sales_wh';
/** Waits for what a session holds, without work. */
const WAITING = 'update held set n = n + 1';
const SLOW = 'select count(*) from generate_series(1, 100000) a(n), generate_series(1, 1000000) b(n)';

let stack: Stack;
let folder: string;
let one: ServiceProcess;
let two: ServiceProcess;
let tokens: Readonly<Record<'ann' | 'bob' | 'cy', string>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-queries-'));
  stack = await startStack();
  const env = (name: string) => ({
    MOORING_DATA_DIR: join(folder, name),
    MOORING_RESULTS_DIR: join(folder, 'results'),
  });
  [one, two] = await Promise.all([
    stack.start(env('one')),
    stack.start({ ...env('two'), MOORING_BUDGET_ROWS_PER_DAY: '50000', MOORING_SHUTDOWN_DEADLINE_SECONDS: '1' }),
  ]);
  const login = logins(await stack.tokens());
  const { acme, globex } = stack.tenants;
  tokens = { ann: await login('ann', acme), bob: await login('bob', acme), cy: await login('cy', globex) };
  await sqlClient(two, tokens.cy).rows(`create namespace ${EMBEDDED}`);
  await sqlClient(one, tokens.ann).rows(
    `create storage warehouse type redshift cluster 'main' database '${stack.env['MOORING_WAREHOUSE_DATABASE']}'
       db_user 'tenant_{tenant}';
     create namespace ${EMBEDDED}; create namespace ${WAREHOUSE} storage warehouse;
     use namespace ${WAREHOUSE}; create table held (n int); insert into held values (1)`,
  );
  const holder = sqlClient(one, tokens.ann);
  const session = await holder.open({ namespace: WAREHOUSE });
  for (const sql of ['begin', 'update held set n = 2']) await holder.rows({ session, sql });
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

const caller = (service: ServiceProcess, who: keyof typeof tokens = 'ann') => client(service, tokens[who]);
const idOf = ({ body }: { readonly body: Record<string, unknown> }): string => String(body['id'] ?? body['queryId']);
const resultFiles = async (): Promise<string[]> =>
  (await readdir(join(folder, 'results'), { recursive: true })).filter((name) => name.includes('/'));
const download = (service: ServiceProcess, id: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${service.url}/v1/queries/${id}/download`, { headers: { authorization: `Bearer ${tokens.ann}`, ...headers } });

describe('POST /v1/queries with a namespace', () => {
  it('answers as of the warehouse, exact', async () => {
    const { status, headers, body } = await caller(one).run({
      namespace: EMBEDDED,
      sql: 'select $1 as name, 9007199254740993::bigint as big, 1.50::decimal(10,2) as price, $2::int as n, array[1, 2] as l',
      parameters: ["O'Neill", null],
    });
    expect(status).toBe(200);
    expect(headers.get('location')).toBe(`/v1/queries/${idOf({ body })}`);
    expect(body).toMatchObject({
      status: 'finished',
      namespace: EMBEDDED,
      rows: [["O'Neill", '9007199254740993', '1.50', null, [1, 2]]],
      totalRows: 1,
      truncated: false,
      resultRows: 1,
      timings: { runMs: expect.any(Number), fetchMs: expect.any(Number), totalMs: expect.any(Number) },
    });
    const [, big] = body['columns'] as unknown[];
    expect(big).toEqual({ name: 'big', type: 'BIGINT', nullable: null, precision: null, scale: null });
  });

  it.each([
    ['embedded data', EMBEDDED],
    ['the warehouse', WAREHOUSE],
  ])('pages the rows of %s, from any process that has the folder', async (_, namespace) => {
    const ran = await caller(one).run({
      namespace,
      sql: 'select n from generate_series(1, 25) g(n) order by n',
      maxRows: 10,
    });
    expect(ran.body).toMatchObject({ totalRows: 25, truncated: true });
    const rows = [...(ran.body['rows'] as number[][])];
    for (let cursor = ran.body['nextCursor'] as string | undefined; cursor !== undefined;) {
      const page = await caller(two).get(`${idOf(ran)}/rows?limit=6&cursor=${cursor}`);
      expect(page.status).toBe(200);
      rows.push(...(page.body['rows'] as number[][]));
      cursor = page.body['nextCursor'] as string | undefined;
    }
    expect(rows).toEqual(Array.from({ length: 25 }, (_row, index) => [index + 1]));
    const forged = Buffer.from(JSON.stringify([idOf(ran), null, 5])).toString('base64url');
    expect((await caller(two).get(`${idOf(ran)}/rows?cursor=${forged}`)).body).toMatchObject({
      code: 'invalid_cursor',
    });
    expect((await caller(two, 'bob').get(`${idOf(ran)}/rows`)).body).toMatchObject({ code: 'query_not_found' });
  });

  it.each([
    ['embedded data', EMBEDDED, SLOW],
    ['the warehouse', WAREHOUSE, WAITING],
  ])('is known to and cancelled by another process, on %s', async (_, namespace) => {
    const started = await caller(one).run({ namespace, sql: SLOW, waitSeconds: 0 });
    expect([started.status, started.body['status']]).toEqual([202, 'running']);
    const id = idOf(started);
    expect((await caller(two).get(`${id}/rows`)).body).toMatchObject({ status: 409, code: 'query_not_finished' });
    expect((await caller(two, 'bob').cancel(id)).body).toMatchObject({ code: 'query_not_found' });
    expect((await caller(two).stopped(id)).body).toMatchObject({ status: 'cancelled' });
    expect((await caller(one).get(`${id}/rows`)).body).toMatchObject({ status: 409, code: 'statement_cancelled' });
  });

  it('says why it was refused, and its key may be used again', async () => {
    const broken = await caller(one).run({ namespace: EMBEDDED, sql: 'select\n  from from' }, 'mend');
    expect(broken.body).toMatchObject({ status: 400, code: 'syntax_error', line: 2 });
    const missing = await caller(one).run({ namespace: EMBEDDED, sql: 'select * from nothing' }, 'mend');
    expect(missing.body).toMatchObject({ status: 404, code: 'object_not_found' });
    const mended = await caller(one).run({ namespace: EMBEDDED, sql: 'select 1 as n' }, 'mend');
    expect(mended.body['rows']).toEqual([[1]]);
    expect((await caller(one).run({ namespace: EMBEDDED, sql: 'select 2 as n' }, 'mend')).body).toMatchObject({
      code: 'idempotency_key_reused',
    });
    const events = 'select action, outcome, code from system.audit_log order by at desc limit 9';
    expect(await sqlClient(one, tokens.ann).rows(events)).toEqual(
      expect.arrayContaining([['parse', 'denied', 'syntax_error']]),
    );
  });

  it('is kept without the password in it', async () => {
    await caller(one).run({ namespace: EMBEDDED, sql: "alter user nobody password 'hunter2hunter2'" });
    const { body } = await caller(one).ask('GET', '/v1/queries?limit=1');
    expect(body).toMatchObject({ queries: [{ sql: "alter user nobody password '***'", status: 'failed' }] });
  });

  it('says what the engine says of a statement that fails, or takes too long', async () => {
    const failed = await caller(one).run({ namespace: EMBEDDED, sql: "select cast('x' as int) as n" });
    expect(failed.body).toMatchObject({ status: 422, code: 'statement_failed' });
    const shown = await caller(two).get(idOf(failed));
    expect(shown.body).toMatchObject({ status: 'failed', error: { code: 'statement_failed' } });
    const late = await caller(one).run({ namespace: EMBEDDED, sql: SLOW, timeoutSeconds: 0.2 });
    expect(late.body).toMatchObject({ status: 422, code: 'statement_timeout' });
  });

  it('runs a change once for many requests with one key', async () => {
    await caller(one).run({ namespace: WAREHOUSE, sql: 'create table hits (n int)' });
    const requests = Array.from({ length: 8 }, (_, index) =>
      caller(index % 2 === 0 ? one : two).run(
        { namespace: WAREHOUSE, sql: 'insert into hits select n from generate_series(1, 3) g(n)' },
        'the-one-key',
      ),
    );
    for (const { body } of await Promise.all(requests)) {
      expect(body).toMatchObject({ status: 'finished', resultRows: 3, rows: [], columns: [] });
    }
    const count = await caller(two).run({ namespace: WAREHOUSE, sql: 'select count(*) from hits' });
    expect(count.body['rows']).toEqual([[3]]);
  });

  it('is refused with what goes with the warehouse alone', async () => {
    const base = { namespace: EMBEDDED, sql: 'select 1' };
    const forms = [
      [{ ...base, session: 'none' }, '#/session'],
      [{ ...base, overflow: 'wait' }, '#/overflow'],
      [{ ...base, parameters: { a: 1 } }, '#/parameters'],
      [{ sql: 'select 1', export: { format: 'csv' } }, '#/export'],
      [{ sql: 'select 1', parameters: [1] }, '#/parameters'],
      [{ ...base, export: { format: 'xls' } }, '#/export/format'],
    ] as const;
    for (const [form, pointer] of forms) {
      expect([pointer, (await caller(one).run(form)).body]).toMatchObject([
        pointer,
        { status: 400, errors: [{ pointer }] },
      ]);
    }
  });

  it('is streamed over a WebSocket', async () => {
    const socket = new StreamClient(one, tokens.ann);
    await socket.send({
      type: 'run',
      ref: 'a',
      namespace: EMBEDDED,
      sql: 'select n from generate_series(1, 1500) g(n)',
    });
    const end = await socket.message(({ type }) => type === 'end' || type === 'problem');
    expect(end).toMatchObject({ type: 'end', rowsSent: 1500, query: { status: 'finished', namespace: EMBEDDED } });
    socket.close();
  });
});

describe('an export', () => {
  const rows = (count: number): string =>
    `select n, 'row, ' || n as name from generate_series(1, ${count}) g(n) order by n`;

  it.each([
    ['embedded data', EMBEDDED],
    ['the warehouse', WAREHOUSE],
  ])('of %s is a file that every process with the folder gives, whole or in parts', async (_, namespace) => {
    const ran = await caller(one).run({ namespace, sql: rows(3000), export: { format: 'csv' } });
    const id = idOf(ran);
    const file = `/v1/queries/${id}/download`;
    expect(ran.body).toMatchObject({ status: 'finished', resultRows: 3000, rows: [], export: { download: file } });
    const whole = await download(two, id);
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
    expect(whole.headers.get('content-disposition')).toBe(`attachment; filename="${id}.csv"`);
    const text = await whole.text();
    expect(whole.headers.get('content-length')).toBe(String(text.length));
    const lines = Array.from({ length: 3000 }, (_line, index) => `${index + 1},"row, ${index + 1}"`);
    expect(text).toBe(['n,name', ...lines, ''].join('\r\n'));
    const etag = String(whole.headers.get('etag'));
    const rest = await download(one, id, { range: 'bytes=1000-', 'if-range': etag });
    expect([rest.status, rest.headers.get('content-range')]).toEqual([
      206,
      `bytes 1000-${text.length - 1}/${text.length}`,
    ]);
    expect(await rest.text()).toBe(text.slice(1000));
    expect((await download(one, id, { range: 'bytes=1000-', 'if-range': '"other"' })).status).toBe(200);
    const beyond = await download(one, id, { range: `bytes=${text.length}-` });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${text.length}`]);
    expect((await caller(two).get(`${id}/rows`)).body).toMatchObject({ status: 409, code: 'result_is_file' });
  });

  it.each([
    ['embedded data', EMBEDDED],
    ['the warehouse', WAREHOUSE],
  ])('of %s may be Parquet', async (_, namespace) => {
    const ran = await caller(one).run({ namespace, sql: rows(10), export: { format: 'parquet' } });
    const answer = await download(one, idOf(ran));
    expect(answer.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
    expect(ran.body).toMatchObject({ export: { format: 'parquet', bytes: bytes.byteLength } });
  });

  it('is of one statement, which is held to the rights of any other', async () => {
    const before = await resultFiles();
    const ask = async (sql: string, who: keyof typeof tokens = 'ann') =>
      caller(one, who).run({ namespace: EMBEDDED, sql, export: { format: 'csv' } });
    await sqlClient(one, tokens.ann).rows({ namespace: EMBEDDED, sql: 'create table guarded as select 7 as n' });
    expect((await ask('select 1; drop table guarded')).status).toBe(400);
    expect((await ask('SELECT * INTO copied FROM guarded')).body).toMatchObject({ status: 400 });
    expect((await ask('select * from guarded', 'cy')).status).toBe(404);
    expect(await resultFiles()).toEqual(before);
    const ran = await ask('with g as (select n from guarded) select n from g -- all');
    expect(await (await download(one, idOf(ran))).text()).toBe('n\r\n7\r\n');
  });

  it('is of its owner alone, and what is no export has no file', async () => {
    const ran = await caller(one).run({ namespace: EMBEDDED, sql: rows(1), export: { format: 'csv' } });
    for (const who of ['bob', 'cy'] as const) {
      const stranger = caller(one, who);
      expect((await stranger.get(`${idOf(ran)}/download`)).body).toMatchObject({
        status: 404,
        code: 'query_not_found',
      });
    }
    expect((await fetch(`${one.url}/v1/queries/${idOf(ran)}/download`)).status).toBe(401);
    const none = await caller(one).run({ namespace: EMBEDDED, sql: rows(1) });
    expect((await caller(one).get(`${idOf(none)}/download`)).body).toMatchObject({ code: 'result_is_file' });
  });

  it('is freed by DELETE, from any process that has the folder', async () => {
    const before = await resultFiles();
    for (const more of [{ export: { format: 'csv' } }, {}]) {
      const id = idOf(await caller(one).run({ namespace: EMBEDDED, sql: rows(10), ...more }));
      expect((await caller(two, 'bob').cancel(id)).status).toBe(404);
      expect(await resultFiles()).toHaveLength(before.length + 1);
      for (let time = 0; time < 2; time += 1) {
        expect((await caller(two).cancel(id)).body).toMatchObject({ status: 'finished' });
        expect(await resultFiles()).toEqual(before);
      }
      const gone = await caller(one).get(`${id}/${'export' in more ? 'download' : 'rows'}`);
      expect(gone.body).toMatchObject({ status: 410, code: 'result_expired' });
    }
  });

  it('leaves nothing when it fails on its way or is cancelled', async () => {
    const before = await resultFiles();
    const broken =
      "select cast(case when n < 90000 then '1' else 'x' end as int) as i from generate_series(1, 100000) g(n)";
    const failed = await caller(one).run({ namespace: EMBEDDED, sql: broken, export: { format: 'csv' } });
    expect(failed.body).toMatchObject({ status: 422, code: 'statement_failed' });
    expect((await caller(one).get(`${idOf(failed)}/download`)).body).toMatchObject({ code: 'statement_failed' });
    const endless = 'select a.n from generate_series(1, 1000000) a(n), generate_series(1, 1000000) b(n)';
    const begun = await caller(one).run({
      namespace: EMBEDDED,
      sql: endless,
      export: { format: 'csv' },
      waitSeconds: 0,
    });
    await until(async () => (await resultFiles()).some((name) => name.endsWith('.part')));
    expect((await caller(one).get(`${idOf(begun)}/download`)).body).toMatchObject({ code: 'query_not_finished' });
    expect((await caller(one).stopped(idOf(begun))).body).toMatchObject({ status: 'cancelled' });
    expect(await resultFiles()).toEqual(before);
  });

  it('takes of the budget what it has, up to maxRows', async () => {
    const request = { namespace: EMBEDDED, sql: rows(3000), export: { format: 'csv' } };
    expect((await caller(two, 'cy').run(request)).body).toMatchObject({
      status: 400,
      errors: [{ pointer: '#/maxRows' }],
    });
    const cut = await caller(two, 'cy').run({ ...request, maxRows: 1000 });
    expect(cut.body).toMatchObject({ status: 'finished', resultRows: 1000 });
    const more = await caller(two, 'cy').run({ ...request, maxRows: 49_001 });
    expect(more.body).toMatchObject({ status: 429, code: 'budget_exceeded', remaining: 49_000 });
  });

  it('and what a replay shows beyond that', async () => {
    const request = { namespace: EMBEDDED, sql: rows(3000) };
    await caller(two, 'cy').run({ ...request, maxRows: 1 }, 'seen-later');
    const replay = await caller(two, 'cy').run({ ...request, maxRows: 2000 }, 'seen-later');
    expect(replay.body['rows']).toHaveLength(2000);
    const more = await caller(two, 'cy').run({ ...request, maxRows: 1, waitSeconds: 0 });
    expect(more.headers.get('budget-remaining')).toBe('rows=46999');
  });
});

describe('a process that ends', () => {
  it('is missed: its queries are over for all others', async () => {
    const store = await createPostgresStore({
      url: String(stack.env['DATABASE_URL']),
      namespace: 'queries',
      poolSize: 1,
      ...PATIENT,
    });
    const owner = { tenantId: stack.tenants.acme, subjectId: 'ann' };
    const id = newSessionId(owner);
    const data = {
      sql: 'select 1',
      session: 'reuse',
      namespace: EMBEDDED,
      status: 'running',
      attempt: 1,
      fingerprint: '',
    };
    const times = { submittedAt: Date.now() - 60_000, aliveAt: Date.now() - 31_000, timeoutMs: 300_000 };
    const idle = { idleTimeoutMs: 3_600_000, lifetimeMs: 3_600_000 };
    await store.sessions.create({ ...owner, id, data: { ...data, ...times }, ...idle });
    await store.close();
    const lost = { id, status: 'failed', error: { code: 'outcome_unknown' } };
    expect((await caller(one).ask('GET', '/v1/queries?limit=1')).body).toMatchObject({ queries: [lost] });
    expect((await caller(one).get(id)).body).toMatchObject(lost);
  });

  it('ends what it runs when its time for that is over, and says so', async () => {
    const { body } = await caller(two, 'bob').run({ namespace: WAREHOUSE, sql: WAITING, waitSeconds: 0 });
    await two.stop();
    expect((await caller(one, 'bob').get(idOf({ body }))).body).toMatchObject({ status: 'cancelled' });
  });
});
