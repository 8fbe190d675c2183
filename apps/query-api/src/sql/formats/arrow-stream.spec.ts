import { describe, expect, it } from '@jest/globals';
import type { Value } from '@mooring/engine';
import { tableFromIPC } from 'apache-arrow';
import { assertReachable } from './arrow-columns.ts';
import { arrowStream } from './arrow-stream.ts';

function table(type: string, batches: readonly (readonly Value[])[]) {
  const encoder = arrowStream.encoder([{ name: 'c', type }]);
  const parts = [
    encoder.begin(),
    ...batches.map((values) => encoder.rows({ rowCount: values.length, values: [values] })),
    encoder.end(),
  ] as Uint8Array[];
  return tableFromIPC(Buffer.concat(parts));
}

const read = (type: string, ...batches: Value[][]): unknown[] => [...(table(type, batches).getChild('c') ?? [])];

describe('arrowStream', () => {
  it.each<[string, Value[], unknown[]]>([
    ['TINYINT', [-128, 127, null], [-128, 127, null]],
    ['UBIGINT', [18_446_744_073_709_551_615n], [18_446_744_073_709_551_615n]],
    ['BIGINT', [-9_223_372_036_854_775_808n, null], [-9_223_372_036_854_775_808n, null]],
    ['INT8', ['42', 7, 8n], [42n, 7n, 8n]],
    ['HUGEINT', [170_141_183_460_469_231_731_687_303_715_884_105_727n], ['170141183460469231731687303715884105727']],
    ['FLOAT', [0.5, Number.NaN], [0.5, Number.NaN]],
    [
      'BOOLEAN',
      [true, null, false, true, true, true, true, true, true],
      [true, null, false, true, true, true, true, true, true],
    ],
    ['VARCHAR', ['é😀', '', null, 'x'], ['é😀', '', null, 'x']],
    ['VARCHAR', ['plain', '', null, 'x'], ['plain', '', null, 'x']],
    ['VARCHAR', ['\uD83D', '\uDE00', 'x'], ['\uFFFD', '\uFFFD', 'x']],
    ['UUID', ['4b9f1c1e-6f0a-4a53-9a38-2a0b1d6c7e55'], ['4b9f1c1e-6f0a-4a53-9a38-2a0b1d6c7e55']],
    ['UNION(a BIGINT)', [{ a: 9_007_199_254_740_993n }], ['{"a":"9007199254740993"}']],
    ['VARIANT', [[1, null]], ['[1,null]']],
    ['INTERVAL', ['1 day'], ['1 day']],
  ])('keeps %s exact', (type, values, expected) => {
    expect(read(type, values)).toEqual(expected);
  });

  it('keeps decimals exact, with their sign', () => {
    const values = ['1.50', '-0.01', '-99999999999999999999999999999999999.999', '0'];
    const data = table('DECIMAL(38,3)', [values]).getChild('c')?.data[0]?.values as Uint32Array;
    const wholes = values.map((_, row) => {
      const words = [...data.slice(4 * row, 4 * row + 4)];
      return BigInt.asIntN(
        128,
        words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n),
      );
    });
    expect(wholes).toEqual([1500n, -10n, -99_999_999_999_999_999_999_999_999_999_999_999_999n, 0n]);
  });

  it('begins each batch anew: no NULL of one is in the next', () => {
    expect(read('INTEGER', [1, null], [], [null, 2], [3])).toEqual([1, null, null, 2, 3]);
  });

  it('has all rows of columns with one name', () => {
    const encoder = arrowStream.encoder([
      { name: 'c', type: 'INTEGER' },
      { name: 'c', type: 'VARCHAR' },
    ]);
    const parts = [
      encoder.begin(),
      encoder.rows({
        rowCount: 2,
        values: [
          [1, 2],
          ['x', 'y'],
        ],
      }),
      encoder.end(),
    ];
    const found = tableFromIPC(Buffer.concat(parts as Uint8Array[]));
    expect(found.toArray().map((row) => ({ ...row }))).toEqual([
      { c: 1, c_2: 'x' },
      { c: 2, c_2: 'y' },
    ]);
  });

  it('tells the type as the engine does', () => {
    expect(table('DECIMAL(18,2)', []).schema.fields[0]?.metadata.get('type')).toBe('DECIMAL(18,2)');
  });

  it('has texts that are too long together to be encoded at once', () => {
    const long = 'x'.repeat(9 * 2 ** 20);
    const [first, second, third] = read('VARCHAR', [long, 'é', long]) as string[];
    expect([first === long, second, third === long]).toEqual([true, 'é', true]);
  });

  it('refuses a column that its offsets do not reach, with its size', () => {
    expect(() => assertReachable(2 ** 31 - 1)).not.toThrow();
    const refused = { code: 'execution_failed', facts: { bytes: 2 ** 31 } };
    expect(() => assertReachable(2 ** 31)).toThrow(expect.objectContaining(refused));
  });
});
