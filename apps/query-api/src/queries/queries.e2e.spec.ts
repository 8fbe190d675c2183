import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { closedGate } from '../gate.fixture.ts';
import { TOKENS, client, startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';

let stack: Stack;
let one: ServiceProcess;
let two: ServiceProcess;
beforeAll(async () => {
  stack = await startStack({ connectDelayMs: 100 });
  [one, two] = await Promise.all([stack.start(), stack.start()]);
});
afterAll(() => stack.stop());

describe('POST /v1/queries', () => {
  it('answers the rows, exact, and where the time went', async () => {
    const { status, headers, body } = await client(one).run({
      sql: `select :name as name, :n::int + 1 as n, 9007199254740993::bigint as big, 12::bigint as small,
                   1.50::numeric(10,2) as price, null as nothing, true as yes`,
      parameters: { name: "O'Neill", n: 41 },
    });
    expect(status).toBe(200);
    expect(headers.get('location')).toBe(`/v1/queries/${String(body['id'])}`);
    expect(body).toMatchObject({
      status: 'finished',
      rows: [["O'Neill", 42, '9007199254740993', 12, '1.50', null, true]],
      totalRows: 1,
      truncated: false,
      sessionReused: expect.any(Boolean),
      timings: {
        queuedMs: expect.any(Number),
        submitMs: expect.any(Number),
        fetchMs: expect.any(Number),
        totalMs: expect.any(Number),
      },
    });
    const columns = body['columns'] as { name: string; type: string }[];
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual(
      expect.arrayContaining(['n int4', 'big int8', 'price numeric', 'yes bool']),
    );
  });

  it('says whether a session was reused', async () => {
    const caller = client(one);
    await caller.run({ sql: 'select 1' });
    expect((await caller.run({ sql: 'select 2' })).body['sessionReused']).toBe(true);
    expect((await caller.run({ sql: 'select 3', session: 'none' })).body['sessionReused']).toBe(false);
  });

  it('cuts the rows at maxRows and pages the rest, from any instance', async () => {
    const ran = await client(one).run({ sql: 'select i from generate_series(1, 25) i order by i', maxRows: 10 });
    expect(ran.body).toMatchObject({ totalRows: 25, truncated: true });
    const rows = [...(ran.body['rows'] as number[][])];
    for (let cursor = ran.body['nextCursor'] as string | undefined; cursor !== undefined;) {
      const page = await client(two).get(`${String(ran.body['id'])}/rows?limit=6&cursor=${cursor}`);
      expect(page.status).toBe(200);
      rows.push(...(page.body['rows'] as number[][]));
      cursor = page.body['nextCursor'] as string | undefined;
    }
    expect(rows).toEqual(Array.from({ length: 25 }, (_, index) => [index + 1]));
  });

  it('answers 202 when it takes longer than the wait, and any instance knows the end', async () => {
    const gate = await closedGate(stack.warehouseUrl);
    const started = await client(one).run({ sql: `select ${gate.passage}, 7 as seven`, waitSeconds: 0 });
    expect(started.status).toBe(202);
    expect(started.body['status']).toMatch(/queued|running/);
    const path = started.headers.get('location')?.replace('/v1/queries/', '') ?? '';
    expect((await client(two).get(`${path}/rows`)).body).toMatchObject({ status: 409, code: 'query_not_finished' });
    await gate.open();
    expect((await client(two).ended(path)).body).toMatchObject({ status: 'finished', resultRows: 1 });
    expect((await client(two).get(`${path}/rows`)).body['rows']).toEqual([['', 7]]);
    expect((await client(one).get(path)).body).toMatchObject({ status: 'finished' });
  });

  it('says what the engine says of a statement that fails', async () => {
    const failed = await client(one).run({ sql: 'select no_such_column' });
    expect(failed.status).toBe(422);
    expect(failed.body).toMatchObject({ code: 'statement_failed', detail: expect.stringContaining('no_such_column') });
    const shown = await client(two).get(String(failed.body['queryId']));
    expect(shown.body).toMatchObject({ status: 'failed', error: { code: 'statement_failed' } });
    expect((await client(two).get(`${String(failed.body['queryId'])}/rows`)).body).toMatchObject({
      code: 'statement_failed',
    });
  });

  it('cancels what runs too long', async () => {
    const late = await client(one).run({ sql: 'select pg_sleep(600)', timeoutSeconds: 0.3 });
    expect(late.body).toMatchObject({ status: 422, code: 'statement_timeout' });
    expect((await client(two).get(String(late.body['queryId']))).body).toMatchObject({ status: 'timed_out' });
  });

  it('counts the rows that a statement changed', async () => {
    await client(one).run({ sql: 'create table changed (n int)' });
    const changed = await client(one).run({ sql: 'insert into changed select generate_series(1, 3)' });
    expect(changed.body).toMatchObject({ status: 'finished', resultRows: 3, rows: [], columns: [] });
  });
});

describe('Idempotency-Key', () => {
  it('runs a statement once for 50 requests at once on two instances', async () => {
    await client(one).run({ sql: 'create table hits (at timestamp default now())' });
    const requests = Array.from({ length: 50 }, (_, index) =>
      client(index % 2 === 0 ? one : two).run({ sql: 'insert into hits default values' }, 'the-one-key'),
    );
    const answers = await Promise.all(requests);
    expect(new Set(answers.map(({ status, body }) => `${status} ${String(body['status'])}`))).toEqual(
      new Set(['200 finished']),
    );
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(49);
    expect((await client(one).run({ sql: 'select count(*)::int from hits' })).body['rows']).toEqual([[1]]);
  });

  it('answers a replay with the rows of the first run', async () => {
    const request = { sql: 'select random() as r' };
    const first = await client(one).run(request, 'replay');
    const again = await client(two).run({ ...request, waitSeconds: 25 }, 'replay');
    expect(again.body['rows']).toEqual(first.body['rows']);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('belongs to one body, and to one user', async () => {
    await client(one).run({ sql: 'select 1' }, 'taken');
    const other = await client(two).run({ sql: 'select 2' }, 'taken');
    expect(other.body).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
      errors: [{ header: 'Idempotency-Key' }],
    });
    expect((await client(two, TOKENS.bob).run({ sql: 'select 2' }, 'taken')).status).toBe(200);
    expect((await client(two, TOKENS.cy).run({ sql: 'select 2' }, 'taken')).status).toBe(200);
  });

  it('is not used up by a statement that never ran', async () => {
    expect((await client(one).run({ sql: 'select :a' }, 'mend')).body).toMatchObject({ code: 'invalid_parameters' });
    const mended = await client(two).run({ sql: 'select :a::int', parameters: { a: 1 } }, 'mend');
    expect(mended.body['rows']).toEqual([[1]]);
  });

  it.each(['with space', 'ä', 'x'.repeat(256), ''])('refuses the key %p', async (key) => {
    const answer = await client(one)
      .run({ sql: 'select 1' }, encodeURIComponent(key) === key ? key : Buffer.from(key).toString('latin1'))
      .catch(() => ({ body: { code: 'validation_failed' } }));
    expect(answer.body).toMatchObject({ code: 'validation_failed' });
  });
});

describe('DELETE /v1/queries/{id}', () => {
  it.each([
    ['the same instance', () => one],
    ['another instance', () => two],
  ])('cancels from %s', async (_, where) => {
    const id = String((await client(one).begin({ sql: 'select pg_sleep(600)' }))['id']);
    expect((await client(where()).stopped(id)).body).toMatchObject({ status: 'cancelled' });
    expect((await client(one).ended(id)).body).toMatchObject({ status: 'cancelled' });
    expect((await client(one).get(`${id}/rows`)).body).toMatchObject({ status: 409, code: 'statement_cancelled' });
  });

  it('leaves what is over as it is', async () => {
    const { body } = await client(one).run({ sql: 'select 1' });
    expect((await client(two).cancel(String(body['id']))).body).toMatchObject({ status: 'finished' });
  });
});

describe('GET /v1/queries', () => {
  it("lists the caller's own, newest first, in pages", async () => {
    const caller = client(two, TOKENS.cy);
    const ids: unknown[] = [];
    for (let n = 1; n <= 5; n += 1) ids.unshift((await caller.run({ sql: `select ${n} as listed` })).body['id']);
    const listed: unknown[] = [];
    let cursor: string | undefined;
    do {
      const more = cursor === undefined ? '' : `&cursor=${cursor}`;
      const page = await caller.ask('GET', `/v1/queries?limit=2${more}`);
      expect(page.status).toBe(200);
      const queries = page.body['queries'] as { id: string; sql: string }[];
      listed.push(...queries.filter(({ sql }) => sql.includes('listed')).map(({ id }) => id));
      cursor = page.body['nextCursor'] as string | undefined;
    } while (cursor !== undefined);
    expect(listed).toEqual(ids);
    const others = await client(one, TOKENS.bob).ask('GET', '/v1/queries?limit=100');
    expect(JSON.stringify(others.body)).not.toContain('listed');
  });
});
