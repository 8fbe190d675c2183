import { readFile } from 'node:fs/promises';
import { decompress } from 'fzstd';
import { parquetMetadataAsync, parquetRead } from 'hyparquet';

const COLUMNS = ['date', 'delay', 'distance', 'origin', 'destination'] as const;
const ROWS_PER_CHUNK = 20_000;

type Columns = Record<(typeof COLUMNS)[number], ArrayLike<unknown>>;

/**
 * Flights of a Parquet file as rows for COPY (text format): departure, delay in minutes, distance in miles, origin,
 * destination.
 * @param limit the most rows, from the earliest on
 */
export async function* readFlights(file: string, limit: number): AsyncGenerator<string, void, void> {
  const bytes = await readFile(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const metadata = await parquetMetadataAsync(buffer);
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = Math.min(start + Number(group.num_rows), limit);
    if (end <= start) return;
    const columns = await readColumns(buffer, metadata, start, end);
    for (let row = 0; row < end - start; row += ROWS_PER_CHUNK) {
      yield formatRows(columns, row, Math.min(row + ROWS_PER_CHUNK, end - start));
    }
    start = end;
  }
}

async function readColumns(
  file: ArrayBuffer,
  metadata: Awaited<ReturnType<typeof parquetMetadataAsync>>,
  rowStart: number,
  rowEnd: number,
): Promise<Columns> {
  const columns: Partial<Columns> = {};
  await parquetRead({
    file,
    metadata,
    rowStart,
    rowEnd,
    columns: [...COLUMNS],
    compressors: { ZSTD: (input, length) => decompress(input, new Uint8Array(length)) },
    onChunk: (chunk) => {
      const name = chunk.columnName as keyof Columns;
      if (columns[name] !== undefined) throw new Error(`column ${name} comes in several pieces`);
      if (chunk.rowStart > rowStart) throw new Error(`column ${name} starts at row ${chunk.rowStart}`);
      columns[name] = Array.prototype.slice.call(chunk.columnData, rowStart - chunk.rowStart);
    },
  });
  const missing = COLUMNS.filter((name) => columns[name] === undefined);
  if (missing.length > 0) throw new Error(`the Parquet file has no column ${missing.join(', ')}`);
  return columns as Columns;
}

function formatRows(columns: Columns, from: number, to: number): string {
  let text = '';
  for (let row = from; row < to; row += 1) {
    const date = columns.date[row] as Date;
    text += `${date.toISOString().slice(0, 19)}\t${String(columns.delay[row])}\t${String(columns.distance[row])}\t`;
    text += `${String(columns.origin[row])}\t${String(columns.destination[row])}\n`;
  }
  return text;
}
