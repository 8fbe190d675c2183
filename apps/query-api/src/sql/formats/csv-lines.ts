import type { Value } from '@mooring/engine';
import { stringify } from 'csv-stringify/sync';
import { textOf } from '../value-json.ts';
import type { ResultFormat } from './result-format.ts';

/** RFC 4180, with a header. NULL is nothing at all, an empty text is `""`; lists, structs and bytes are as in JSON. */
export const csvLines: ResultFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  encoder: (columns) => ({
    begin: () => stringify([columns.map(({ name }) => name)], OPTIONS),
    rows: ({ rowCount, values }) => {
      const rows: (string | null)[][] = [];
      for (let row = 0; row < rowCount; row += 1) rows.push(values.map((column) => cellOf(column[row] ?? null)));
      return stringify(rows, OPTIONS);
    },
    end: () => '',
  }),
};

const OPTIONS = { record_delimiter: 'windows', quoted_empty: true } as const;

function cellOf(value: Value): string | null {
  return value === null ? null : textOf(value);
}
