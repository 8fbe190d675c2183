import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { tableFromIPC } from 'apache-arrow';
import { startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';
import { logins, metric, sqlClient, until } from './sql.fixture.ts';

let stack: Stack;
let service: ServiceProcess;
let ann: ReturnType<typeof sqlClient>;
beforeAll(async () => {
  stack = await startStack();
  service = await stack.start();
  ann = sqlClient(service, await logins(await stack.tokens())('ann', stack.tenants.acme));
  await ann.rows('create namespace sales');
});
afterAll(() => stack.stop());

const CSV = 'text/csv';
const NDJSON = 'application/x-ndjson';
const ARROW = 'application/vnd.apache.arrow.stream';
const VALUES = `select * from (values
    (1::bigint, 1.50::decimal(18,2), 'a "b", c', true, date '2024-02-29', timestamp '2024-02-29 12:00:00.25', 0.5::double, 'xy'::blob),
    (9007199254740993, -0.01, '', false, date '1969-12-31', timestamp '0044-03-15 00:00:00', -1e300, ''::blob),
    (null, null, null, null, null, null, null, null)
  ) t(id, total, name, ok, day, moment, ratio, bytes)`;

const text = async (sql: string, accept: string): Promise<string> => {
  const response = await ann.stream({ namespace: 'sales', sql }, accept);
  const body = await response.text();
  if (response.status !== 200) throw new Error(body);
  expect(response.headers.get('content-type')).toContain(accept);
  expect(response.headers.get('query-id')).toMatch(/^[0-9a-f-]{36}$/);
  return body;
};

describe('a streamed result', () => {
  it('is NDJSON', async () => {
    const lines = (await text(VALUES, NDJSON)).split('\n');
    expect(lines.slice(0, 3).map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        id: 1,
        total: '1.50',
        name: 'a "b", c',
        ok: true,
        day: '2024-02-29',
        moment: '2024-02-29T12:00:00.25',
        ratio: 0.5,
        bytes: 'eHk=',
      },
      {
        id: '9007199254740993',
        total: '-0.01',
        name: '',
        ok: false,
        day: '1969-12-31',
        moment: '0044-03-15T00:00:00',
        ratio: -1e300,
        bytes: '',
      },
      { id: null, total: null, name: null, ok: null, day: null, moment: null, ratio: null, bytes: null },
    ]);
    expect(lines.slice(3)).toEqual(['']);
  });

  it('is CSV', async () => {
    expect(await text(VALUES, CSV)).toBe(
      [
        'id,total,name,ok,day,moment,ratio,bytes',
        '1,1.50,"a ""b"", c",true,2024-02-29,2024-02-29T12:00:00.25,0.5,eHk=',
        '9007199254740993,-0.01,"",false,1969-12-31,0044-03-15T00:00:00,-1e+300,""',
        ',,,,,,,',
        '',
      ].join('\r\n'),
    );
  });

  it('is Arrow, with types', async () => {
    const response = await ann.stream({ namespace: 'sales', sql: VALUES }, ARROW);
    expect(response.headers.get('content-type')).toBe(ARROW);
    const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()));
    expect(table.schema.fields.map(({ name, type }) => `${name} ${String(type)}`)).toEqual([
      'id Int64',
      'total Decimal[18e+2]',
      'name Utf8',
      'ok Bool',
      'day Date32<DAY>',
      'moment Timestamp<MICROSECOND>',
      'ratio Float64',
      'bytes Binary',
    ]);
    const column = (name: string): unknown[] => [...(table.getChild(name) ?? [])];
    expect(column('id')).toEqual([1n, 9007199254740993n, null]);
    expect(column('name')).toEqual(['a "b", c', '', null]);
    expect(column('ok')).toEqual([true, false, null]);
    expect(column('ratio')).toEqual([0.5, -1e300, null]);
    expect(column('day')).toEqual([Date.UTC(2024, 1, 29), Date.UTC(1969, 11, 31), null]);
    expect(column('bytes')).toEqual([Uint8Array.from([120, 121]), new Uint8Array(0), null]);
    const totals = table.getChild('total')?.data[0]?.values as Uint32Array;
    expect([...totals.slice(0, 8)]).toEqual([150, 0, 0, 0, 4294967295, 4294967295, 4294967295, 4294967295]);
    const times = table.getChild('moment')?.data[0]?.values as BigInt64Array;
    expect(times[0]).toBe(BigInt(Date.UTC(2024, 1, 29, 12)) * 1000n + 250_000n);
  });

  it('has its columns where there are no rows', async () => {
    const none = 'select 1 as a, 2 as a where false';
    expect(await text(none, NDJSON)).toBe('');
    expect(await text(none, CSV)).toBe('a,a\r\n');
    const response = await ann.stream({ namespace: 'sales', sql: none }, ARROW);
    const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()));
    expect([table.numRows, table.schema.names]).toEqual([0, ['a', 'a_2']]);
    expect(await text('select 1 as a, 2 as a, 3 as a_2', NDJSON)).toBe('{"a":1,"a_3":2,"a_2":3}\n');
  });

  it('ends at maxRows', async () => {
    const response = await ann.stream({ namespace: 'sales', sql: 'select * from range(5000)', maxRows: 3000 }, NDJSON);
    const lines = (await response.text()).trim().split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([3000, '{"range":2999}']);
  });

  it('is complete over many batches', async () => {
    const sql = "select range as id, 'row ' || range as name from range(100000)";
    const response = await ann.stream({ namespace: 'sales', sql }, ARROW);
    const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()));
    expect([table.numRows, table.batches.length]).toEqual([100_000, 49]);
    let sum = 0n;
    for (const id of table.getChild('id') ?? []) sum += id as bigint;
    expect(sum).toBe(4_999_950_000n);
    expect(table.getChild('name')?.get(99_999)).toBe('row 99999');
    const lines = (await text(sql, CSV)).split('\r\n');
    expect([lines.length, lines[100_000]]).toEqual([100_002, '99999,row 99999']);
  });

  it('is cut off where it fails on its way', async () => {
    const sql = "select (case when range = 900000 then 'x' else '1' end)::int as n from range(1000000)";
    const response = await ann.stream({ namespace: 'sales', sql }, NDJSON);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    const id = response.headers.get('x-request-id');
    const line = JSON.stringify({
      requestId: id,
      context: 'Sql',
      code: 'execution_failed',
      msg: 'An answer was cut off',
    });
    await until(async () => service.output().includes(line.slice(1)));
  });
});

/** Several times what the two sockets between a service and a client may hold, which on some machines is 32 MiB and more. */
const WIDE = "select range as id, repeat('x', 400) as name from range(250000)";
const WIDE_CHUNKS = 123;
const MILLION = "select range as id, 'a name for the row ' || range as name from range(1000000)";
const ENDLESS = 'select count(*) from range(100000000) a, range(100000) b where a.range % 7 = b.range % 11';
const CHUNKS = 'mooring_engine_embedded_chunks_total';

describe('many rows', () => {
  it.each([NDJSON, CSV, ARROW])('wait for a slow reader, as %s', async (accept) => {
    const before = await metric(service, CHUNKS);
    const response = await ann.unread({ namespace: 'sales', sql: WIDE }, accept);
    const read = async (): Promise<number> => (await metric(service, CHUNKS)) - before;
    let last = 0;
    let stands = 0;
    await until(async () => {
      const now = await read();
      stands = now === last && now > 0 ? stands + 1 : 0;
      last = now;
      return stands === 10;
    });
    let bytes = 0;
    for await (const part of response) bytes += (part as Buffer).length;
    expect(bytes).toBeGreaterThan(100_000_000);
    expect(await read()).toBeGreaterThanOrEqual(WIDE_CHUNKS);
    // The rest waited.
    expect(last).toBeLessThan(100);
  });

  it('take no memory that grows with them', async () => {
    const memory = (): Promise<number> => metric(service, 'process_resident_memory_bytes');
    await (await ann.stream({ namespace: 'sales', sql: MILLION }, ARROW)).arrayBuffer();
    const before = await memory();
    for (let round = 0; round < 3; round += 1) {
      const response = await ann.stream({ namespace: 'sales', sql: MILLION }, ARROW);
      let highest = 0;
      for await (const part of response.body ?? []) {
        void part;
        highest = Math.max(highest, Math.random() < 0.01 ? await memory() : 0);
      }
      expect(highest - before).toBeLessThan(64 * 1024 * 1024);
    }
  });
});

describe('a client that goes away', () => {
  const idle = async (): Promise<boolean> =>
    (await metric(service, 'mooring_engine_statements_running')) === 0 &&
    (await metric(service, 'mooring_engine_embedded_connections')) === 0;

  it('ends the statement whose rows it was reading', async () => {
    const leaving = new AbortController();
    const cutOff = (): number => service.output().split('was cut off').length;
    const before = cutOff();
    const response = await ann.stream({ namespace: 'sales', sql: WIDE }, NDJSON, leaving.signal);
    await response.body?.getReader().read();
    expect(await idle()).toBe(false);
    leaving.abort();
    await until(idle);
    expect(cutOff()).toBe(before);
  });

  it.each(['application/json', CSV])('ends the statement that it waits for, as %s', async (accept) => {
    const leaving = new AbortController();
    const waiting = ann.stream({ namespace: 'sales', sql: ENDLESS }, accept, leaving.signal).catch(() => 'gone');
    await until(async () => (await metric(service, 'mooring_engine_statements_running')) === 1);
    leaving.abort();
    expect(await waiting).toBe('gone');
    await until(idle);
  });

  it('leaves nothing, at whichever moment it goes, and however much it has sent', async () => {
    const { hostname, port } = new URL(service.url);
    const authorization = `Bearer ${await logins(await stack.tokens())('ann', stack.tenants.acme)}`;
    const asked = ['application/json', CSV].map((accept) => {
      const body = JSON.stringify({ namespace: 'sales', sql: ENDLESS });
      const headers = { host: 'x', authorization, accept, 'content-type': 'application/json' };
      const lines = Object.entries({ ...headers, 'content-length': body.length }).map((pair) => pair.join(': '));
      return `POST /v1/sql HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
    });
    const text = asked.join('');
    const leave = async (moment: number): Promise<void> => {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(text.slice(0, moment % 4 === 3 ? text.length / 2 : text.length));
      await new Promise((resolve) => setTimeout(resolve, moment));
      socket.destroy();
    };
    await Promise.all(Array.from({ length: 32 }, (_, moment) => leave(moment)));
    await until(async () => (await metric(service, 'http_requests_in_flight')) === 1 && (await idle()));
  });
});
