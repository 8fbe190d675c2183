import type { WireColumn, WireField } from '../data-api/data-api.ts';

/**
 * BIGINT is a bigint, NUMERIC a text with its scale, so both are exact. Smaller integers and floats are numbers,
 * BOOLEAN a boolean. Dates, times, SUPER (JSON text) and VARBYTE (hex) are texts as the warehouse writes them.
 */
export type Value = string | number | bigint | boolean | null;
export type Row = readonly Value[];

export interface Column {
  readonly name: string;
  /** The engine's name of the type: int2, int4, int8, float8, numeric, bool, varchar, date, timestamp, super, … */
  readonly type: string;
  readonly nullable: boolean | null;
  readonly precision: number | null;
  readonly scale: number | null;
}

export function columnOf(column: WireColumn): Column {
  return {
    name: column.label ?? column.name ?? '',
    type: column.typeName ?? 'unknown',
    nullable: column.nullable === undefined || column.nullable === 2 ? null : column.nullable === 1,
    precision: column.precision ?? null,
    scale: column.scale ?? null,
  };
}

export function rowOf(record: readonly WireField[], columns: readonly Column[]): Row {
  return record.map((field, index) => valueOf(field, columns[index]?.type ?? ''));
}

function valueOf(field: WireField, type: string): Value {
  if ('isNull' in field) return null;
  if ('longValue' in field) return type === 'int8' ? BigInt(field.longValue) : Number(field.longValue);
  if ('doubleValue' in field) return Number(field.doubleValue);
  if ('booleanValue' in field) return field.booleanValue;
  return 'stringValue' in field ? field.stringValue : field.blobValue;
}
