import type { Value } from '@mooring/engine';
import { jsonOfValue } from '../value-json.ts';
import type { ResultFormat } from './result-format.ts';
import { bytesThat, textRows } from './text-rows.ts';

/** A JSON object on a line for each row. Of columns with the same name, the second is `name_2`. */
export const jsonLines: ResultFormat = {
  contentType: 'application/x-ndjson',
  encoder: (columns) => {
    const keys = uniqueNames(columns.map(({ name }) => name)).map(
      (name, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    );
    return {
      begin: () => '',
      rows: textRows(columns, {
        before: keys,
        after: '}\n',
        quote: '"',
        special: bytesThat((byte) => byte < 0x20 || byte === 0x22 || byte === 0x5c),
        cell: cellOf,
      }),
      end: () => '',
    };
  },
};

/** What JSON shows as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

function cellOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
  return JSON.stringify(jsonOfValue(value));
}

export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    let unique = name;
    if (seen.has(name)) {
      for (let number = 2; taken.has(unique) || seen.has(unique); number += 1) unique = `${name}_${number}`;
    }
    seen.add(unique);
    return unique;
  });
}
