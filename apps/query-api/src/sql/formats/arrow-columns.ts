import { EngineError } from '@mooring/engine';
import type { Value } from '@mooring/engine';
import {
  Binary,
  Bool,
  DateDay,
  Decimal,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  makeData,
} from 'apache-arrow';
import type { Data, DataType } from 'apache-arrow';
import { textOf } from '../value-json.ts';
import { daysOf, unitsOf } from './arrow-times.ts';

type Values = readonly Value[];
type Present = Exclude<Value, null>;

/** Characters that are joined into one text: JavaScript's texts have an end. */
const MOST_AT_ONCE = 16 * 2 ** 20;
const LARGEST_OFFSET = 2 ** 31 - 1;

/** How a column of the engine's type goes into Arrow. What Arrow has no exact type for is text. */
export interface ArrowColumn {
  readonly type: DataType;
  read(values: Values, length: number): Data;
}

type NumberArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array;
type BigArray = BigInt64Array | BigUint64Array;

const numbers = (type: DataType, array: new (length: number) => NumberArray): ArrowColumn => ({
  type,
  read: (values, length) => {
    const data = new array(length);
    return filled(type, values, length, data, (value, row) => (data[row] = Number(value)));
  },
});

const wholes = (
  type: DataType,
  array: new (length: number) => BigArray,
  read: (value: Present) => bigint = (value) => BigInt(value as string),
): ArrowColumn => ({
  type,
  read: (values, length) => {
    const data = new array(length);
    return filled(type, values, length, data, (value, row) => (data[row] = read(value)));
  },
});

const BOOL: ArrowColumn = {
  type: new Bool(),
  read: (values, length) => {
    const data = new Uint8Array((length + 7) >> 3);
    return filled(new Bool(), values, length, data, (value, row) => {
      if (value === true) data[row >> 3] = (data[row >> 3] as number) | (1 << (row & 7));
    });
  },
};

const DATE: ArrowColumn = {
  type: new DateDay(),
  read: (values, length) => {
    const data = new Int32Array(length);
    return filled(new DateDay(), values, length, data, (value, row) => (data[row] = daysOf(textOf(value))));
  },
};

const TEXT: ArrowColumn = { type: new Utf8(), read: textColumn };

const BYTES: ArrowColumn = { type: new Binary(), read: bytesColumn };

const timestamps = (type: DataType, digits = 6): ArrowColumn =>
  wholes(type, BigInt64Array, (value) => unitsOf(textOf(value), digits));

/** By the names of DuckDB and PostgreSQL. */
const COLUMNS: Readonly<Record<string, ArrowColumn>> = {
  ...named(BOOL, 'BOOLEAN', 'BOOL'),
  ...named(numbers(new Int8(), Int8Array), 'TINYINT'),
  ...named(numbers(new Int16(), Int16Array), 'SMALLINT', 'INT2'),
  ...named(numbers(new Int32(), Int32Array), 'INTEGER', 'INT4'),
  ...named(wholes(new Int64(), BigInt64Array), 'BIGINT', 'INT8'),
  ...named(numbers(new Uint8(), Uint8Array), 'UTINYINT'),
  ...named(numbers(new Uint16(), Uint16Array), 'USMALLINT'),
  ...named(numbers(new Uint32(), Uint32Array), 'UINTEGER'),
  ...named(wholes(new Uint64(), BigUint64Array), 'UBIGINT'),
  ...named(numbers(new Float32(), Float32Array), 'FLOAT', 'FLOAT4', 'REAL'),
  ...named(numbers(new Float64(), Float64Array), 'DOUBLE', 'FLOAT8', 'DOUBLE PRECISION'),
  ...named(BYTES, 'BLOB', 'BYTEA', 'VARBYTE'),
  ...named(DATE, 'DATE'),
  ...named(timestamps(new TimestampMicrosecond(null)), 'TIMESTAMP', 'TIMESTAMP WITHOUT TIME ZONE'),
  ...named(timestamps(new TimestampMicrosecond('UTC')), 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ'),
  ...named(timestamps(new TimestampSecond(null), 0), 'TIMESTAMP_S'),
  ...named(timestamps(new TimestampMillisecond(null), 3), 'TIMESTAMP_MS'),
  ...named(timestamps(new TimestampNanosecond(null), 9), 'TIMESTAMP_NS'),
};

export function arrowColumn(type: string): ArrowColumn {
  const known = COLUMNS[type];
  if (known !== undefined) return known;
  const decimal = /^(?:DECIMAL|NUMERIC)\((\d+), ?(\d+)\)$/.exec(type);
  return decimal === null ? TEXT : decimals(Number(decimal[1]), Number(decimal[2]));
}

function decimals(precision: number, scale: number): ArrowColumn {
  const type = new Decimal(scale, precision, 128);
  return {
    type,
    read: (values, length) => {
      const data = new BigInt64Array(2 * length);
      const words = new Uint32Array(data.buffer);
      return filled(type, values, length, words, (value, row) => {
        const whole = unscaled(textOf(value), scale);
        data[2 * row] = BigInt.asIntN(64, whole);
        data[2 * row + 1] = whole >> 64n;
      });
    },
  };
}

/** `-1.50` with a scale of 2 is -150. */
export function unscaled(text: string, scale: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(scale, '0'));
}

function filled(
  type: DataType,
  values: Values,
  length: number,
  data: NumberArray | BigArray,
  set: (value: Present, row: number) => void,
): Data {
  const nulls = new Nulls(length);
  for (let row = 0; row < length; row += 1) {
    const value = values[row] ?? null;
    if (value === null) nulls.add(row);
    else set(value, row);
  }
  return makeData({ type, length, data, ...nulls.found } as Parameters<typeof makeData>[0]);
}

/** Texts of which each character is a byte are encoded at once. */
function textColumn(values: Values, length: number): Data {
  const nulls = new Nulls(length);
  const texts = partsOf(values, length, nulls, textOf, '');
  if (lengthOf(texts) <= MOST_AT_ONCE) {
    const joined = texts.join('');
    const bytes = Buffer.from(joined);
    if (bytes.byteLength === joined.length) return partsData(new Utf8(), bytes, texts, nulls);
  }
  return partsData(new Utf8(), ...concatenated(texts.map((text) => Buffer.from(text))), nulls);
}

function bytesColumn(values: Values, length: number): Data {
  const nulls = new Nulls(length);
  const bytesOf = (value: Present): Uint8Array => (value instanceof Uint8Array ? value : Buffer.from(textOf(value)));
  const parts = partsOf(values, length, nulls, bytesOf, new Uint8Array(0));
  return partsData(new Binary(), ...concatenated(parts), nulls);
}

function concatenated<Part extends Uint8Array>(parts: readonly Part[]): readonly [Uint8Array, readonly Part[]] {
  assertReachable(lengthOf(parts));
  return [Buffer.concat(parts), parts];
}

function lengthOf(parts: readonly { readonly length: number }[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** @throws EngineError `execution_failed` for more bytes than the offsets of a column reach */
export function assertReachable(bytes: number): void {
  if (bytes <= LARGEST_OFFSET) return;
  const message =
    `The values of one column have ${bytes} bytes together in one batch, at most ${LARGEST_OFFSET} go into Arrow. ` +
    'Take a part of each, or fewer rows.';
  throw new EngineError({ code: 'execution_failed', message, facts: { bytes } });
}

function partsOf<Part>(
  values: Values,
  length: number,
  nulls: Nulls,
  read: (value: Present) => Part,
  none: Part,
): Part[] {
  const parts: Part[] = [];
  for (let row = 0; row < length; row += 1) {
    const value = values[row] ?? null;
    if (value === null) nulls.add(row);
    parts.push(value === null ? none : read(value));
  }
  return parts;
}

function partsData(
  type: Utf8 | Binary,
  data: Uint8Array,
  parts: readonly { readonly length: number }[],
  nulls: Nulls,
): Data {
  const valueOffsets = new Int32Array(parts.length + 1);
  let end = 0;
  for (const [row, part] of parts.entries()) valueOffsets[row + 1] = end += part.length;
  const found = { type, length: parts.length, data, valueOffsets, ...nulls.found };
  return makeData(found as Parameters<typeof makeData>[0]);
}

/** Which rows are NULL: no bitmap where none is. */
export class Nulls {
  private bitmap: Uint8Array | undefined;
  private count = 0;

  constructor(private readonly length: number) {}

  add(row: number): void {
    this.bitmap ??= new Uint8Array((this.length + 7) >> 3).fill(255);
    this.bitmap[row >> 3] = (this.bitmap[row >> 3] as number) & ~(1 << (row & 7));
    this.count += 1;
  }

  get found(): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
    return this.bitmap === undefined ? { nullCount: 0 } : { nullCount: this.count, nullBitmap: this.bitmap };
  }
}

function named(column: ArrowColumn, ...names: readonly string[]): Record<string, ArrowColumn> {
  return Object.fromEntries(names.map((name) => [name, column]));
}
