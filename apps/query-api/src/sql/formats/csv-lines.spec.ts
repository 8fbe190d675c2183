import { describe, expect, it } from '@jest/globals';
import type { Value } from '@mooring/engine';
import { stringify } from 'csv-stringify/sync';
import { csvLines } from './csv-lines.ts';

const AS_OURS = {
  record_delimiter: 'windows',
  cast: { string: (value: string) => (value === '' ? { value, quoted: true, quoted_empty: true } : value) },
} as const;

function csv(names: readonly string[], rows: readonly (readonly Value[])[]): string {
  const encoder = csvLines.encoder(names.map((name) => ({ name, type: 'VARCHAR' })));
  const values = names.map((_, column) => rows.map((row) => row[column] ?? null));
  const parts = [encoder.begin(), encoder.rows({ rowCount: rows.length, values }), encoder.end()];
  return parts.map((part) => Buffer.from(part).toString()).join('');
}

describe('csvLines', () => {
  it('quotes what another writer of CSV quotes', () => {
    const parts = ['', 'a', ',', '"', '\r\n', ' ', ';', "'", 'é', '😀', null];
    const rows = parts.flatMap((one) => parts.map((other) => [one, other, one === null ? null : `${one}${other}`]));
    expect(csv(['a', 'b "c"', 'd,e'], rows)).toBe(stringify([['a', 'b "c"', 'd,e'], ...rows], AS_OURS));
  });

  it('quotes either half of a line break', () => {
    expect(csv(['a', 'b'], [['x\ry', 'x\ny']])).toBe('a,b\r\n"x\ry","x\ny"\r\n');
  });

  it('writes numbers exactly, and nested values as JSON', () => {
    expect(csv(['a', 'b', 'c', 'd'], [[9007199254740993n, Number.NaN, [1n, null], { x: 'y' }]])).toBe(
      'a,b,c,d\r\n9007199254740993,NaN,"[1,null]","{""x"":""y""}"\r\n',
    );
  });
});
