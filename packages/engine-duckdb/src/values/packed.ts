import { DuckDBTypeId } from '@duckdb/node-api';
import type { DuckDBDataChunk, DuckDBType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { EngineError } from '@mooring/engine';
import type { PackedColumn } from '@mooring/engine';
import { isThere } from './validity.ts';
import type { Validity } from './validity.ts';

type Packer = (
  vector: duckdb.Vector,
  rowCount: number,
  validity: Validity,
  room: Room,
) => Omit<PackedColumn, 'validity'>;
type NumbersOf = new (buffer: ArrayBuffer, start: number, length: number) => PackedColumn['data'];

/** A text of DuckDB: its length, then up to 12 bytes of itself, or four and a pointer to all. */
const TEXT_BYTES = 16;
const INLINE_BYTES = 12;
const INLINE_AT = 4;
const POINTER_AT = 8;
const LARGEST_OFFSET = 2 ** 31 - 1;

const BIGINTS = numbers(BigInt64Array);

/** Of types whose values lie in memory as they are; of times, in the unit that their names in Arrow have. */
const PACKERS: Partial<Record<DuckDBTypeId, Packer>> = {
  [DuckDBTypeId.TINYINT]: numbers(Int8Array),
  [DuckDBTypeId.SMALLINT]: numbers(Int16Array),
  [DuckDBTypeId.INTEGER]: numbers(Int32Array),
  [DuckDBTypeId.BIGINT]: BIGINTS,
  [DuckDBTypeId.UTINYINT]: numbers(Uint8Array),
  [DuckDBTypeId.USMALLINT]: numbers(Uint16Array),
  [DuckDBTypeId.UINTEGER]: numbers(Uint32Array),
  [DuckDBTypeId.UBIGINT]: numbers(BigUint64Array),
  [DuckDBTypeId.FLOAT]: numbers(Float32Array),
  [DuckDBTypeId.DOUBLE]: numbers(Float64Array),
  [DuckDBTypeId.DATE]: numbers(Int32Array),
  [DuckDBTypeId.TIMESTAMP]: BIGINTS,
  [DuckDBTypeId.TIMESTAMP_TZ]: BIGINTS,
  [DuckDBTypeId.VARCHAR]: texts,
};

/** Memory of so many bytes, the same for each chunk of a column: anew for each, it is the garbage collector's work. */
type Room = (bytes: number) => Uint8Array<ArrayBuffer>;

/**
 * Packs a column of chunks, each until the next one; undefined of types that lie in memory in another form, and of types
 * with names of their own.
 */
export function columnPacker(type: DuckDBType): ((chunk: DuckDBDataChunk, column: number) => PackedColumn) | undefined {
  const pack = PACKERS[type.typeId];
  if (pack === undefined || (type.alias ?? '') !== '') return undefined;
  const room = roomOfColumn();
  return ({ chunk, rowCount }, column) => {
    const vector = duckdb.data_chunk_get_vector(chunk, column);
    const validity = validityOf(vector, rowCount);
    return { ...pack(vector, rowCount, validity, room), validity };
  };
}

function roomOfColumn(): Room {
  let kept = new Uint8Array(0);
  return (bytes) => {
    if (kept.length < bytes) kept = new Uint8Array(bytes);
    return kept.subarray(0, bytes);
  };
}

/** A copy: DuckDB's memory ends with the chunk. */
function validityOf(vector: duckdb.Vector, rowCount: number): Validity {
  // DuckDB keeps it in words of 64 bits, and none where each row has a value.
  const bits: Uint8Array | null = duckdb.vector_get_validity(vector, Math.ceil(rowCount / 64) * 8);
  return bits === null ? undefined : Uint8Array.from(bits.subarray(0, Math.ceil(rowCount / 8)));
}

function numbers(array: NumbersOf & { readonly BYTES_PER_ELEMENT: number }): Packer {
  const size = array.BYTES_PER_ELEMENT;
  return (vector, rowCount, validity, room) => {
    const bytes = room(rowCount * size);
    bytes.set(duckdb.vector_get_data(vector, rowCount * size));
    if (validity !== undefined) {
      // Where there is no value, DuckDB leaves what was in the memory before, of whomever it was.
      for (let row = 0; row < rowCount; row += 1) {
        if (!isThere(validity, row)) bytes.fill(0, row * size, (row + 1) * size);
      }
    }
    return { data: new array(bytes.buffer, 0, rowCount) };
  };
}

function texts(vector: duckdb.Vector, rowCount: number, validity: Validity): Omit<PackedColumn, 'validity'> {
  const source = duckdb.vector_get_data(vector, rowCount * TEXT_BYTES);
  const offsets = textOffsets(source, rowCount, validity);
  const data = new Uint8Array(offsets[rowCount] as number);
  for (let row = 0; row < rowCount; row += 1) {
    const start = offsets[row] as number;
    const length = (offsets[row + 1] as number) - start;
    const at = row * TEXT_BYTES;
    if (length > INLINE_BYTES) {
      const pointer = source.byteOffset + at + POINTER_AT;
      data.set(duckdb.get_data_from_pointer(source.buffer as ArrayBuffer, pointer, length), start);
    } else {
      for (let byte = 0; byte < length; byte += 1) data[start + byte] = source[at + INLINE_AT + byte] as number;
    }
  }
  return { data, offsets };
}

/**
 * Where each text of a chunk begins in all of them, and where the last one ends.
 *
 * @throws EngineError `execution_failed` where they have more bytes together than such offsets reach
 */
export function textOffsets(source: Uint8Array, rowCount: number, validity: Validity): Int32Array {
  const lengths = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const offsets = new Int32Array(rowCount + 1);
  let end = 0;
  for (let row = 0; row < rowCount; row += 1) {
    if (isThere(validity, row)) end += lengths.getUint32(row * TEXT_BYTES, true);
    if (end > LARGEST_OFFSET) throw tooMuchText(rowCount);
    offsets[row + 1] = end;
  }
  return offsets;
}

function tooMuchText(rowCount: number): EngineError {
  return new EngineError({
    code: 'execution_failed',
    message:
      `The texts of one column in ${rowCount} rows have more than ${LARGEST_OFFSET} bytes together, which is more than can ` +
      'be given at once. Take a part of each, with left() or substr(), or fewer rows.',
    facts: { engine: 'duckdb', rowCount },
  });
}
