import { DuckDBTypeId } from '@duckdb/node-api';
import { EngineError } from '@mooring/engine';
import type { PackedColumn, Value } from '@mooring/engine';
import { dateText, instantText, timestampText } from './times.ts';
import { isThere } from './validity.ts';

type Unpacker = (packed: PackedColumn, rowCount: number) => Value[];

const TWO_TO_32 = 2 ** 32;

/** Values of a packed column, for types of which that is faster than asking the driver for each. */
const UNPACKERS: Partial<Record<DuckDBTypeId, Unpacker>> = {
  [DuckDBTypeId.TINYINT]: asTheyAre,
  [DuckDBTypeId.SMALLINT]: asTheyAre,
  [DuckDBTypeId.INTEGER]: asTheyAre,
  [DuckDBTypeId.BIGINT]: asTheyAre,
  [DuckDBTypeId.UTINYINT]: asTheyAre,
  [DuckDBTypeId.USMALLINT]: asTheyAre,
  [DuckDBTypeId.UINTEGER]: asTheyAre,
  [DuckDBTypeId.UBIGINT]: asTheyAre,
  [DuckDBTypeId.FLOAT]: asTheyAre,
  [DuckDBTypeId.DOUBLE]: asTheyAre,
  [DuckDBTypeId.DATE]: (packed, rowCount) => each(packed, rowCount, (days) => dateText(days as number)),
  [DuckDBTypeId.TIMESTAMP]: micros(timestampText),
  [DuckDBTypeId.TIMESTAMP_TZ]: micros(instantText),
  [DuckDBTypeId.VARCHAR]: texts,
};

export function unpackerOf(type: DuckDBTypeId): Unpacker | undefined {
  return UNPACKERS[type];
}

function each(
  { data, validity }: PackedColumn,
  rowCount: number,
  read: (value: number | bigint, row: number) => Value,
): Value[] {
  const values: Value[] = [];
  for (let row = 0; row < rowCount; row += 1) {
    values.push(isThere(validity, row) ? read(data[row] as number | bigint, row) : null);
  }
  return values;
}

function asTheyAre({ data, validity }: PackedColumn, rowCount: number): Value[] {
  const values: Value[] = Array.from(data as Iterable<number | bigint>);
  if (validity === undefined) return values;
  for (let row = 0; row < rowCount; row += 1) if (!isThere(validity, row)) values[row] = null;
  return values;
}

/** A number where it is exact: bigints cost more than the text that is made of them. */
function micros(textOf: (units: number | bigint) => string): Unpacker {
  return ({ data, validity }, rowCount) => {
    const wholes = data as BigInt64Array;
    const halves = new Int32Array(wholes.buffer);
    const values: Value[] = [];
    for (let row = 0; row < rowCount; row += 1) {
      if (isThere(validity, row)) {
        const near = (halves[2 * row + 1] as number) * TWO_TO_32 + ((halves[2 * row] as number) >>> 0);
        values.push(textOf(Number.isSafeInteger(near) ? near : (wholes[row] as bigint)));
      } else values.push(null);
    }
    return values;
  };
}

/** Beyond it, texts are decoded one by one: a text has an end in JavaScript, and so have all of a column together. */
const MOST_AT_ONCE = 16 * 2 ** 20;

/** Decoded at once; where each character is a byte, each text is a part of that. */
function texts({ data, offsets = new Int32Array(1), validity }: PackedColumn, rowCount: number): Value[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const all = bytes.length <= MOST_AT_ONCE ? bytes.toString('utf8') : '';
  const isPlain = all.length === bytes.length;
  const values: Value[] = [];
  for (let row = 0; row < rowCount; row += 1) {
    const [start, end] = [offsets[row] as number, offsets[row + 1] as number];
    if (!isThere(validity, row)) values.push(null);
    else values.push(isPlain ? all.slice(start, end) : textOf(bytes, start, end));
  }
  return values;
}

function textOf(bytes: Buffer, start: number, end: number): string {
  try {
    return bytes.toString('utf8', start, end);
  } catch {
    const message =
      `A text of the result has ${end - start} bytes, more than can be given as one value. ` +
      'Take a part of it, with left() or substr(), or read it as Arrow.';
    throw new EngineError({ code: 'execution_failed', message, facts: { engine: 'duckdb', bytes: end - start } });
  }
}
