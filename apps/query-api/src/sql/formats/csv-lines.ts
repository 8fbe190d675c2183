import type { Value } from '@mooring/engine';
import { textOf } from '../value-json.ts';
import type { ResultFormat } from './result-format.ts';

/**
 * RFC 4180, with a header. NULL is nothing at all, an empty text is `""`; lists, structs and bytes are as in JSON. Texts are
 * as they are: one that a spreadsheet takes for a formula, too.
 */
export const csvLines: ResultFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  encoder: (columns) => ({
    begin: () => `${columns.map(({ name }) => cellOf(name)).join(',')}\r\n`,
    rows: ({ rowCount, values }) => {
      let text = '';
      for (let row = 0; row < rowCount; row += 1) {
        for (let column = 0; column < values.length; column += 1) {
          if (column > 0) text += ',';
          text += cellOf(values[column]?.[row] ?? null);
        }
        text += '\r\n';
      }
      return text;
    },
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
