import type { RowBatch, Value } from '@mooring/engine';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { textOf } from '../value-json.ts';
import { uniqueNames } from './json-lines.ts';
import { parquetColumn } from './parquet-columns.ts';
import type { ParquetColumn, ParquetValue } from './parquet-columns.ts';
import type { ResultFormat } from './result-format.ts';

/** A row group is written with so many rows, or so many bytes before they are packed: what is in memory meanwhile. */
const GROUP_ROWS = 10_240;
const GROUP_BYTES = 8_388_608;
const FIXED_BYTES = 8;

/**
 * Parquet, packed with Snappy: a column of a row group at a time, each a part of its own. Of columns with the same name, the
 * second is `name_2`.
 */
export const parquetFile: ResultFormat<Iterable<Uint8Array>> = {
  contentType: 'application/vnd.apache.parquet',
  encoder: (columns) => {
    const names = uniqueNames(columns.map(({ name }) => name));
    const file = new ParquetFile(columns.map((column, index) => parquetColumn({ ...column, name: names[index]! })));
    return {
      begin: () => file.taken(),
      rows: (batch) => file.add(batch),
      end: () => file.end(),
    };
  },
};

class ParquetFile {
  private readonly bytes = new ByteWriter();
  private readonly writer: ParquetWriter;
  private group: (ParquetValue | null)[][];
  private groupBytes = 0;
  private rowCount = 0;

  constructor(private readonly columns: readonly ParquetColumn[]) {
    const schema = [{ name: 'root', num_children: columns.length }, ...columns.map(({ element }) => element)];
    this.writer = new ParquetWriter({ writer: this.bytes, schema, createdBy: 'mooring' });
    this.group = columns.map(() => []);
  }

  *add({ rowCount, values }: RowBatch): Generator<Uint8Array> {
    for (const [index, column] of this.columns.entries()) {
      const data = this.group[index]!;
      for (let row = 0; row < rowCount; row += 1) {
        const value = values[index]?.[row] ?? null;
        data.push(value === null ? null : column.read(value));
        this.groupBytes += sizeOf(value);
      }
    }
    if (this.groupBytes >= GROUP_BYTES || (this.group[0]?.length ?? 0) >= GROUP_ROWS) yield* this.packed();
  }

  *end(): Generator<Uint8Array> {
    yield* this.packed();
    this.writer.num_rows = BigInt(this.rowCount);
    void this.writer.finish();
    yield this.taken();
  }

  /** What was written since the last time. */
  taken(): Uint8Array {
    const bytes = this.bytes.getBytes().slice();
    this.bytes.index = 0;
    return bytes;
  }

  private *packed(): Generator<Uint8Array> {
    const { group } = this;
    const rows = group[0]?.length ?? 0;
    if (rows === 0) return;
    this.group = this.columns.map(() => []);
    this.groupBytes = 0;
    this.rowCount += rows;
    const first = this.writer.row_groups.length;
    for (const [index, { element }] of this.columns.entries()) {
      const columnData = [{ name: element.name, data: group[index]!, offsetIndex: false }];
      void this.writer.write({ columnData, rowGroupSize: rows });
      yield this.taken();
    }
    this.joinGroups(first);
  }

  /** The library writes all columns of a row group at once, or a row group for each column: which are one here. */
  private joinGroups(first: number): void {
    const groups = this.writer.row_groups.splice(first);
    const num_rows = groups[0]!.num_rows;
    const total = (sizes: readonly (bigint | undefined)[]): bigint =>
      sizes.reduce((sum: bigint, size) => sum + (size ?? 0n), 0n);
    this.writer.row_groups.push({
      columns: groups.flatMap(({ columns }) => columns),
      num_rows,
      total_byte_size: total(groups.map((group) => group.total_byte_size)),
      total_compressed_size: total(groups.map((group) => group.total_compressed_size)),
    });
  }
}

function sizeOf(value: Value): number {
  if (value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'string') return value.length;
  if (value instanceof Uint8Array) return value.byteLength;
  return typeof value === 'object' ? textOf(value).length : FIXED_BYTES;
}
