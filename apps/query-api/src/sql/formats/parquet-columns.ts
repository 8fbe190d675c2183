import type { Column, Value } from '@mooring/engine';
import { DataType, Precision, TimeUnit } from 'apache-arrow';
import type { DataType as ArrowType } from 'apache-arrow';
import type { SchemaElement } from 'hyparquet-writer';
import { textOf } from '../value-json.ts';
import { arrowColumn, unscaled } from './arrow-columns.ts';
import { daysOf, microsOf } from './arrow-times.ts';

type Present = Exclude<Value, null>;
export type ParquetValue = string | number | bigint | boolean | Uint8Array;

/** How a column of the engine's type goes into Parquet: as into Arrow, and what has no exact type is text. */
export interface ParquetColumn {
  readonly element: SchemaElement;
  read(value: Present): ParquetValue;
}

type Form = Omit<SchemaElement, 'name'>;
type Reading = readonly [Form, (value: Present) => ParquetValue];

export function parquetColumn({ name, type }: Column): ParquetColumn {
  const [form, read] = readingOf(arrowColumn(type).type);
  return { element: { name, repetition_type: 'OPTIONAL', ...form }, read };
}

function readingOf(type: ArrowType): Reading {
  if (DataType.isBool(type)) return [{ type: 'BOOLEAN' }, (value) => value === true];
  if (DataType.isInt(type)) return wholes(type.bitWidth, type.isSigned);
  if (DataType.isFloat(type)) return [{ type: type.precision === Precision.DOUBLE ? 'DOUBLE' : 'FLOAT' }, Number];
  if (DataType.isDecimal(type)) return decimals(type.precision, type.scale);
  if (DataType.isDate(type)) return [{ type: 'INT32', converted_type: 'DATE' }, (value) => daysOf(textOf(value))];
  if (DataType.isTimestamp(type) && type.unit === TimeUnit.MICROSECOND) {
    const isAdjustedToUTC = type.timezone !== null && type.timezone !== undefined;
    const form = { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC, unit: 'MICROS' } } as const;
    return [form, (value) => microsOf(textOf(value))];
  }
  if (DataType.isBinary(type)) {
    return [{ type: 'BYTE_ARRAY' }, (value) => (value instanceof Uint8Array ? value : Buffer.from(textOf(value)))];
  }
  return [{ type: 'BYTE_ARRAY', converted_type: 'UTF8' }, textOf];
}

const WHOLES = { 8: 'INT_8', 16: 'INT_16', 32: 'INT_32', 64: 'INT_64' } as const;

function wholes(bitWidth: 8 | 16 | 32 | 64, isSigned: boolean): Reading {
  const converted_type = isSigned ? WHOLES[bitWidth] : (`U${WHOLES[bitWidth]}` as const);
  if (bitWidth < 64) return [{ type: 'INT32', converted_type }, Number];
  return [{ type: 'INT64', converted_type }, (value) => BigInt(value as string)];
}

const DECIMAL_BYTES = 16;

function decimals(precision: number, scale: number): Reading {
  const form = { converted_type: 'DECIMAL', precision, scale } as const;
  const read = (value: Present): bigint => unscaled(textOf(value), scale);
  if (precision <= 18) return [{ type: 'INT64', ...form }, read];
  return [{ type: 'FIXED_LEN_BYTE_ARRAY', type_length: DECIMAL_BYTES, ...form }, read];
}
