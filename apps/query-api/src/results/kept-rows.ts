import type { FileHandle } from 'node:fs/promises';
import type { Column } from '@mooring/engine';
import { invalidCursor } from '../queries/query-records.ts';
import type { ResultFormat } from '../sql/formats/result-format.ts';
import { jsonOfValue } from '../sql/value-json.ts';
import type { JsonValue } from '../sql/value-json.ts';

const LINE_BREAK = 0x0a;
const READ_BYTES = 65_536;

/** A line of JSON with the columns, then one for each row: the place of a row in the file is where its line begins. */
export const keptRows: ResultFormat = {
  contentType: 'application/x-ndjson',
  encoder: (columns) => ({
    begin: () => `${JSON.stringify(columns.map(({ name, type }) => ({ name, type })))}\n`,
    rows: ({ rowCount, values }) => {
      let text = '';
      for (let row = 0; row < rowCount; row += 1) {
        text += `${JSON.stringify(values.map((column) => jsonOfValue(column[row] ?? null)))}\n`;
      }
      return text;
    },
    end: () => '',
  }),
};

export interface KeptPage {
  readonly columns: readonly Column[];
  readonly rows: readonly JsonValue[][];
  /** Where the next row begins; absent when there is none. */
  readonly next?: number;
}

/** Up to `limit` rows from a place on, by default the first. @throws ProblemError `invalid_cursor` */
export async function readKeptRows(file: FileHandle, limit: number, place?: number): Promise<KeptPage> {
  const { size } = await file.stat();
  const header = await lines(file, 0).next();
  if (header.done === true) throw new RangeError('a kept result has no columns');
  const first = header.value.byteLength + 1;
  let next = place ?? first;
  if (!(await beginsLine(file, next, first, size))) throw invalidCursor();
  const rows: JsonValue[][] = [];
  if (limit > 0) {
    for await (const line of lines(file, next)) {
      rows.push(JSON.parse(line.toString('utf8')) as JsonValue[]);
      next += line.byteLength + 1;
      if (rows.length === limit) break;
    }
  }
  const columns = JSON.parse(header.value.toString('utf8')) as Column[];
  return { columns, rows, ...(next < size ? { next } : {}) };
}

async function beginsLine(file: FileHandle, place: number, first: number, size: number): Promise<boolean> {
  if (place < first || place > size) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, place - 1);
  return buffer[0] === LINE_BREAK;
}

/** From a place on, without their ends. */
async function* lines(file: FileHandle, from: number): AsyncGenerator<Buffer, void> {
  let begun: Buffer[] = [];
  for (let place = from; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, place);
    if (bytesRead === 0) return;
    place += bytesRead;
    let rest = buffer.subarray(0, bytesRead);
    for (let end = rest.indexOf(LINE_BREAK); end !== -1; end = rest.indexOf(LINE_BREAK)) {
      yield begun.length === 0 ? rest.subarray(0, end) : Buffer.concat([...begun, rest.subarray(0, end)]);
      begun = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.byteLength > 0) begun.push(rest);
  }
}
