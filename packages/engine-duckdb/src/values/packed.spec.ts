import { afterAll, describe, expect, it } from '@jest/globals';
import type { PackedColumn, RowBatch } from '@mooring/engine';
import { EngineWorld, requestOf } from '../engine.fixture.ts';
import { textOffsets } from './packed.ts';

const world = new EngineWorld();
afterAll(() => world.close());

async function firstOf(sql: string): Promise<{ readonly batch: RowBatch; readonly close: () => Promise<void> }> {
  const connection = await world.connection(await world.engine({ dataFolder: null }));
  const result = await connection.run(requestOf(sql));
  const rows = result.batches()[Symbol.asyncIterator]();
  const first = await rows.next();
  if (first.done === true) throw new Error('there are no rows');
  return { batch: first.value, close: () => result.close() };
}

async function packedOf(sql: string): Promise<(PackedColumn | undefined)[]> {
  const connection = await world.connection(await world.engine({ dataFolder: null }));
  const result = await connection.run(requestOf(sql));
  const found: (PackedColumn | undefined)[] = [];
  for await (const batch of result.batches()) {
    found.push(...result.columns.map((_, column) => batch.packed?.(column)));
    expect(batch.values.every(({ length }) => length === batch.rowCount)).toBe(true);
  }
  return found;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a packed column', () => {
  it.each([
    ['TINYINT', Int8Array.of(-1, 0, 7)],
    ['SMALLINT', Int16Array.of(-1, 0, 7)],
    ['INTEGER', Int32Array.of(-1, 0, 7)],
    ['BIGINT', BigInt64Array.of(-1n, 0n, 7n)],
    ['FLOAT', Float32Array.of(-1, 0, 7)],
    ['DOUBLE', Float64Array.of(-1, 0, 7)],
  ])('of %s is its numbers', async (type, data) => {
    expect(await packedOf(`SELECT i::${type} FROM (VALUES (-1), (0), (7)) v(i)`)).toEqual([
      { data, validity: undefined },
    ]);
  });

  it('of times is days and microseconds', async () => {
    const sql = "SELECT DATE '1970-01-03', TIMESTAMP '1970-01-01 00:00:01.5', TIMESTAMPTZ '1970-01-01 00:00:01+00'";
    expect((await packedOf(sql)).map((column) => column?.data)).toEqual([
      Int32Array.of(2),
      BigInt64Array.of(1_500_000n),
      BigInt64Array.of(1_000_000n),
    ]);
  });

  it('of texts is UTF-8, short ones and long ones', async () => {
    const texts = ['', 'twelve bytes', 'thirteen byte', 'ünïcödé', 'a text that is a good deal longer than the others'];
    const [column] = await packedOf(`SELECT * FROM (VALUES ${texts.map((text) => `('${text}')`).join()}) v(t)`);
    expect(column?.data).toEqual(bytes(texts.join('')));
    expect([...(column?.offsets ?? [])]).toEqual(
      [0, ...texts.keys()].map((_, end) => bytes(texts.slice(0, end).join('')).length),
    );
  });

  it('of texts has offsets up to the largest that there is, and is refused beyond it', () => {
    const offsetsOf = (...lengths: readonly number[]) => {
      const source = new Uint32Array(4 * lengths.length);
      for (const [row, length] of lengths.entries()) source[4 * row] = length;
      return textOffsets(new Uint8Array(source.buffer), lengths.length, Uint8Array.of(0b1011));
    };
    const half = 2 ** 30;
    expect([...offsetsOf(half, half - 1, 7)]).toEqual([0, half, 2 * half - 1, 2 * half - 1]);
    for (const lengths of [[half, half], [2 ** 32 - 1], [half, half - 1, 7, 1]]) {
      const refused = expect.objectContaining({ code: 'execution_failed', facts: expect.anything() });
      expect(() => offsetsOf(...lengths)).toThrow(refused);
    }
  });

  it('tells which rows have no value', async () => {
    const sql = "SELECT CASE WHEN i % 3 <> 0 THEN i END, CASE WHEN i % 3 <> 0 THEN 't' || i END FROM range(20) r(i)";
    const columns = await packedOf(sql);
    for (const column of columns) {
      const has = Array.from({ length: 20 }, (_, row) => ((column?.validity?.[row >> 3] ?? 0) >> (row & 7)) & 1);
      expect(has).toEqual(Array.from({ length: 20 }, (_, row) => (row % 3 === 0 ? 0 : 1)));
    }
    expect(columns[1]?.offsets?.at(-1)).toBe(columns[1]?.data.length);
  });

  it('has zeros where a row has no value, and nothing that was in the memory before', async () => {
    const types = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'FLOAT', 'DOUBLE'];
    const sql = `SELECT ${types.map((type) => `nullif(i::${type}, i)`).join()}, nullif(d, d), nullif(d::TIMESTAMP, d), nullif(t, t)
      FROM (SELECT i, DATE '2024-01-01' + i::INT AS d, 'a text of more than twelve bytes' || i AS t FROM range(100, 120) r(i))`;
    for (const column of await packedOf(sql)) {
      const { buffer, byteLength } = column?.data ?? new Uint8Array(1).fill(1);
      expect(new Uint8Array(buffer)).toEqual(new Uint8Array(byteLength));
    }
  });

  it('has the rows of its own batch alone, in memory that the batch before had', async () => {
    const connection = await world.connection(await world.engine({ dataFolder: null }));
    const result = await connection.run(requestOf('SELECT CASE WHEN i <> 2049 THEN i + 1 END FROM range(2051) r(i)'));
    const seen: number[][] = [];
    const memory = new Set<unknown>();
    for await (const batch of result.batches()) {
      const data = batch.packed?.(0)?.data ?? new Int8Array();
      memory.add(data.buffer);
      seen.push([...data].map(Number));
    }
    expect(seen).toEqual([Array.from({ length: 2048 }, (_, row) => row + 1), [2049, 0, 2051]]);
    expect(memory.size).toBe(1);
  });

  it('is none of types that lie in memory in another form', async () => {
    const sql = `SELECT 1.5::DECIMAL(9, 2), 1::HUGEINT, true, [1], INTERVAL 1 DAY, '{}'::JSON, 'x'::BLOB, TIME '12:00'`;
    expect(new Set(await packedOf(sql))).toEqual(new Set([undefined]));
  });

  it('gives the same values as the driver does for one by one', async () => {
    const { batch } = await firstOf(
      `SELECT t, [t], m, [m], z, [z], d, [d], i, [i], f, [f] FROM (VALUES
        ('', TIMESTAMP '1969-12-31 23:59:59.999999', TIMESTAMPTZ '0044-03-15 00:00:00+00', DATE '1969-12-31', -1::BIGINT, 0.5::DOUBLE),
        ('ünïcödé', 'infinity', '-infinity', 'infinity', 9223372036854775807, 'NaN'),
        ('a text of more than twelve bytes', TIMESTAMP '290000-01-01 00:00:00.5', 'infinity', '-infinity', 0, 1e300),
        (NULL, NULL, NULL, NULL, NULL, NULL)) v(t, m, z, d, i, f)`,
    );
    for (let column = 0; column < batch.values.length; column += 2) {
      expect(batch.values[column + 1]).toEqual(batch.values[column]?.map((value) => [value]));
    }
    expect(batch.values[0]).toEqual(['', 'ünïcödé', 'a text of more than twelve bytes', null]);
  });

  it('and the values are read before the result ends, or not at all', async () => {
    const { batch, close } = await firstOf("SELECT range, 'a text of more than twelve bytes' FROM range(10)");
    await close();
    expect(() => batch.values).toThrow(/until the next one/);
    expect(() => batch.packed?.(1)).toThrow(/until the next one/);
  });
});
