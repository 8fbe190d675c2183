import type { Value } from '@mooring/engine';
import { textOf } from '../value-json.ts';
import type { ResultFormat } from './result-format.ts';
import { bytesThat, textRows } from './text-rows.ts';

/**
 * RFC 4180, with a header. NULL is nothing at all, an empty text is `""`; lists, structs and bytes are as in JSON. Texts are
 * as they are: one that a spreadsheet takes for a formula, too.
 */
export const csvLines: ResultFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  encoder: (columns) => ({
    begin: () => `${columns.map(({ name }) => cellOf(name)).join(',')}\r\n`,
    rows: textRows(columns, {
      before: columns.map((_, index) => (index === 0 ? '' : ',')),
      after: '\r\n',
      quote: '',
      special: bytesThat((byte) => SPECIAL.test(String.fromCharCode(byte))),
      cell: cellOf,
    }),
    end: () => '',
  }),
};

const SPECIAL = /[",\r\n]/;

function cellOf(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = textOf(value);
  if (text === '') return '""';
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
