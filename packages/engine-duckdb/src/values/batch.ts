import {
  DuckDBArrayType,
  DuckDBListType,
  DuckDBListVector,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBStructVector,
  DuckDBUnionType,
} from '@duckdb/node-api';
import type { DuckDBDataChunk, DuckDBType, DuckDBVector } from '@duckdb/node-api';
import { EngineError } from '@mooring/engine';
import type { PackedColumn, RowBatch, Value } from '@mooring/engine';
import { columnPacker } from './packed.ts';
import { unpackerOf } from './unpacked.ts';
import { isPlain, itemReader, readerOf } from './readers.ts';

type ColumnReader = (vector: DuckDBVector, rowCount: number) => Value[];
type Cell = (row: number) => Value;

/** Reads chunks of one result, whose columns have these types. */
export function batchReader(types: readonly DuckDBType[]): (chunk: DuckDBDataChunk) => ChunkBatch {
  const readers = types.map(columnReader);
  const packers = types.map(columnPacker);
  const unpackers = types.map(({ typeId }) => unpackerOf(typeId));
  const canFail = types.some(hasUnnamed);
  return (chunk) => {
    const batch = new ChunkBatch(chunk, { readers, packers, unpackers });
    if (canFail) void batch.values;
    return batch;
  };
}

interface Columns {
  readonly readers: readonly ColumnReader[];
  readonly packers: readonly ReturnType<typeof columnPacker>[];
  readonly unpackers: readonly ReturnType<typeof unpackerOf>[];
}

/** Its values are read when they are asked for, up to its end: what is in DuckDB's memory must not be looked at later. */
export class ChunkBatch implements RowBatch {
  readonly rowCount: number;
  readonly #readers: readonly ColumnReader[];
  readonly #packers: readonly ReturnType<typeof columnPacker>[];
  readonly #unpackers: readonly ReturnType<typeof unpackerOf>[];
  #chunk: DuckDBDataChunk | undefined;
  #values: readonly (readonly Value[])[] | undefined;

  constructor(chunk: DuckDBDataChunk, { readers, packers, unpackers }: Columns) {
    this.rowCount = chunk.rowCount;
    this.#chunk = chunk;
    this.#readers = readers;
    this.#packers = packers;
    this.#unpackers = unpackers;
  }

  get values(): readonly (readonly Value[])[] {
    const { rowCount } = this;
    this.#values ??= this.#readers.map((read, index) => {
      const packed = this.packed(index);
      const unpacked = packed === undefined ? undefined : this.#unpackers[index]?.(packed, rowCount);
      return unpacked ?? read(this.#open().getColumnVector(index), rowCount);
    });
    return this.#values;
  }

  packed(column: number): PackedColumn | undefined {
    return this.#packers[column]?.(this.#open(), column);
  }

  end(): void {
    this.#chunk = undefined;
  }

  #open(): DuckDBDataChunk {
    if (this.#chunk !== undefined) return this.#chunk;
    throw new EngineError({
      code: 'cancelled',
      message: 'The rows of a batch can be read until the next one is asked for, or their result ends.',
    });
  }
}

function columnReader(type: DuckDBType): ColumnReader {
  if (hasUnnamed(type)) {
    return (vector, rowCount) => {
      const cell = cellOf(vector, type);
      return Array.from({ length: rowCount }, (_, row) => cell(row));
    };
  }
  const read = readerOf(type);
  if (isPlain(read)) return plainColumn;
  return (vector, rowCount) => {
    const column: Value[] = [];
    for (let row = 0; row < rowCount; row++) {
      const value = vector.getItem(row);
      column.push(value === null || value === undefined ? null : read(value));
    }
    return column;
  };
}

function plainColumn(vector: DuckDBVector, rowCount: number): Value[] {
  const column: Value[] = [];
  for (let row = 0; row < rowCount; row++) column.push(vector.getItem(row) as Value);
  return column;
}

/**
 * The driver keeps a struct's members by name, so that those of `row(1, 2)`, which have none, overwrite one another.
 * Such types are read member by member instead.
 */
function cellOf(vector: DuckDBVector, type: DuckDBType): Cell {
  if (!hasUnnamed(type)) {
    const read = itemReader(type);
    return (row) => read(vector.getItem(row));
  }
  if (type instanceof DuckDBStructType && vector instanceof DuckDBStructVector) {
    const cells = type.entryTypes.map((member, index) => cellOf(vector.entryVectorAt(index), member));
    const isRow = type.entryNames.every((name) => name === '');
    return (row) => {
      if (!vector.isItemValid(row)) return null;
      const members = cells.map((cell) => cell(row));
      return isRow ? members : Object.fromEntries(members.map((value, index) => [type.entryNames[index]!, value]));
    };
  }
  if (type instanceof DuckDBListType && vector instanceof DuckDBListVector) {
    return (row) => {
      const items = vector.getItemVector(row);
      if (items === null) return null;
      const cell = cellOf(items, type.valueType);
      return Array.from({ length: items.itemCount }, (_, index) => cell(index));
    };
  }
  throw new EngineError({
    code: 'unsupported_statement',
    message: 'A row without names inside an array, a map or a union has no form here. Name its members: {a: …, b: …}.',
  });
}

function hasUnnamed(type: DuckDBType): boolean {
  if (type instanceof DuckDBStructType) {
    return type.entryNames.some((name) => name === '' || name === '__proto__') || type.entryTypes.some(hasUnnamed);
  }
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) return hasUnnamed(type.valueType);
  if (type instanceof DuckDBMapType) return hasUnnamed(type.keyType) || hasUnnamed(type.valueType);
  if (type instanceof DuckDBUnionType) return type.memberTypes.some(hasUnnamed);
  return false;
}
