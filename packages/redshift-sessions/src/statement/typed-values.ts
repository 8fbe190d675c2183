import { flagOf } from '../data-api/answered.ts';
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

/** How JSON, which has no such numbers, has them here. */
const NOT_FINITE: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);

/** @throws TypeError for what the service should not have sent */
export function columnOf(column: WireColumn): Column {
  const { nullable } = column;
  return {
    name: textOf(column.label ?? column.name ?? ''),
    type: textOf(column.typeName ?? 'unknown'),
    nullable: nullable === 0 || nullable === 1 ? nullable === 1 : null,
    precision: numberOf(column.precision),
    scale: numberOf(column.scale),
  };
}

/** @throws TypeError for what the service should not have sent */
export function rowOf(record: readonly WireField[], columns: readonly Column[]): Row {
  return record.map((field, index) => valueOf(field, columns[index]?.type ?? ''));
}

function valueOf(field: WireField, type: string): Value {
  if ('isNull' in field) return null;
  if ('longValue' in field) return integerOf(field.longValue, type === 'int8');
  if ('doubleValue' in field) return floatOf(field.doubleValue);
  if ('booleanValue' in field) return flagOf(field.booleanValue);
  return textOf('stringValue' in field ? field.stringValue : field.blobValue);
}

function integerOf(value: unknown, isLong: boolean): number | bigint {
  if (typeof value !== 'bigint' && !Number.isInteger(value)) throw new TypeError('An integer of a result is none.');
  return isLong ? BigInt(value as number | bigint) : Number(value);
}

function floatOf(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && NOT_FINITE.has(value)) return Number(value);
  throw new TypeError('A float of a result is none.');
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('A text of a result is none.');
  return value;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
