import { textOf as cellText, tableOf } from '../terminal/table.ts';
import type { Cell } from '../terminal/table.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue };

/** What one statement gave, from the warehouse or from the engine. */
export interface QueryResult {
  readonly queryId: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Whole numbers beyond 2^53-1 and decimals are text. */
  readonly rows: readonly (readonly JsonValue[])[];
  /** Rows of the result, or rows that the statement changed, where that is known. */
  readonly rowCount: number | null;
  /** There are more rows than these. */
  readonly truncated: boolean;
  readonly message: string | null;
}

export function shownResult({ columns, rows, rowCount, message }: QueryResult): string {
  if (columns.length === 0) return `${message ?? (rowCount === null ? 'Done.' : `Done: ${countOf(rowCount)}.`)}\n`;
  const cells = rows.map((row) => row.map(cellOf));
  return `${tableOf(
    columns.map(({ name }) => name),
    cells,
  )}(${countOf(rows.length)})\n`;
}

export function countOf(rows: number): string {
  return `${rows.toLocaleString('en-US')} row${rows === 1 ? '' : 's'}`;
}

/** RFC 4180, as the service writes it: NULL is nothing, an empty text is `""`. */
export function csvOf({ columns, rows }: QueryResult): string {
  const lines = [columns.map(({ name }) => name), ...rows];
  return lines.map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
}

function csvField(value: JsonValue): string {
  if (value === null) return '';
  const text = plainText(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function cellOf(value: JsonValue): Cell {
  if (value === null) return 'NULL';
  return typeof value === 'number' ? value : cellText(plainText(value));
}

function plainText(value: Exclude<JsonValue, null>): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
