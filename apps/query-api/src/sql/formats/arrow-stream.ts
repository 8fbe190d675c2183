import type { RowBatch } from '@mooring/engine';
import { Field, RecordBatch, RecordBatchStreamWriter, Schema, Struct, makeData } from 'apache-arrow';
import { arrowColumn } from './arrow-columns.ts';
import { nestedColumn } from './arrow-nested.ts';
import { packedData } from './arrow-packed.ts';
import { uniqueNames } from './json-lines.ts';
import type { ResultFormat } from './result-format.ts';

/**
 * The Arrow IPC stream: the schema, and a record batch for each batch of rows. Of columns with the same name, the second is
 * `name_2`: the library ends the stream at a batch with two of one name.
 */
export const arrowStream: ResultFormat = {
  contentType: 'application/vnd.apache.arrow.stream',
  encoder: (columns) => {
    const readers = columns.map(({ type }) => nestedColumn(type) ?? arrowColumn(type));
    const names = uniqueNames(columns.map(({ name }) => name));
    const fields = columns.map(({ type }, index) => {
      const metadata = new Map([['type', type]]);
      return new Field(names[index]!, readers[index]!.type, true, metadata);
    });
    const schema = new Schema(fields);
    const struct = new Struct(fields);
    const writer = new ChunkWriter();
    const recordBatch = (batch: RowBatch): RecordBatch => {
      const { rowCount } = batch;
      const children = readers.map((column, index) => {
        const packed = batch.packed?.(index);
        if (packed !== undefined) return packedData(column.type, packed, rowCount);
        return column.read(batch.values[index] ?? [], rowCount);
      });
      return new RecordBatch(schema, makeData({ type: struct, length: rowCount, nullCount: 0, children }));
    };
    return {
      begin: () => writer.taken(() => writer.reset(undefined, schema)),
      rows: (batch) => writer.taken(() => writer.write(recordBatch(batch))),
      end: () => writer.taken(() => writer.finish()),
    };
  },
};

/** Gives what each step writes at once: the library's own queue would hold all that the client has not read. */
class ChunkWriter extends RecordBatchStreamWriter {
  private chunks: Uint8Array[] = [];

  taken(step: () => unknown): Uint8Array {
    this.chunks = [];
    step();
    // Where batches lie is of use in files alone.
    this._recordBatchBlocks = [];
    const bytes = Buffer.concat(this.chunks);
    this.chunks = [];
    return bytes;
  }

  protected override _write(chunk: ArrayBufferView | ArrayBufferLike): this {
    const bytes = ArrayBuffer.isView(chunk)
      ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : new Uint8Array(chunk);
    if (this._started && bytes.byteLength > 0) this.chunks.push(bytes);
    return this;
  }
}
