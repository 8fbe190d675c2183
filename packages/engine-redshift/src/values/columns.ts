import type { Column, Value } from '@mooring/engine';
import type { Column as WarehouseColumn, Value as WarehouseValue } from '@mooring/redshift-sessions';
import { isoTimeOf, isoTimestampOf } from './times.ts';

export type ValueReader = (value: WarehouseValue) => Value;

/** The warehouse's names of types as SQL has them, by those that a result says. */
const TYPES: Readonly<Record<string, string>> = {
  int2: 'SMALLINT',
  int4: 'INTEGER',
  int8: 'BIGINT',
  float4: 'REAL',
  float8: 'DOUBLE PRECISION',
  bool: 'BOOLEAN',
  unknown: 'VARCHAR',
  text: 'VARCHAR',
  timetz: 'TIMETZ',
  timestamptz: 'TIMESTAMPTZ',
};
const WITH_LENGTH: Readonly<Record<string, string>> = { varchar: 'VARCHAR', bpchar: 'CHAR', char: 'CHAR' };

const READERS: Readonly<Record<string, ValueReader>> = {
  varbyte: (value) => (typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'hex')) : value),
  date: (value) => (typeof value === 'string' ? isoTimestampOf(value) : value),
  timestamp: (value) => (typeof value === 'string' ? isoTimestampOf(value) : value),
  timestamptz: (value) => (typeof value === 'string' ? isoTimestampOf(value) : value),
  time: (value) => (typeof value === 'string' ? isoTimeOf(value) : value),
  timetz: (value) => (typeof value === 'string' ? isoTimeOf(value) : value),
};

export function columnOf({ name, type, precision, scale }: WarehouseColumn): Column {
  const length = precision ?? 0;
  if (type === 'numeric') return { name, type: length > 0 ? `NUMERIC(${length},${scale ?? 0})` : 'NUMERIC' };
  const sized = WITH_LENGTH[type];
  if (sized !== undefined) return { name, type: length > 0 ? `${sized}(${length})` : sized };
  return { name, type: TYPES[type] ?? type.toUpperCase() };
}

/** From a value as `@mooring/redshift-sessions` gives it to the port's. SUPER stays a text of JSON. */
export function valueReader({ type }: WarehouseColumn): ValueReader {
  return READERS[type] ?? ((value) => value);
}
