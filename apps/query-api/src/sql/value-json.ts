import type { Row, Value } from '@mooring/engine';
import { jsonOfValue as jsonOfScalar } from '../queries/value-json.ts';
import type { JsonCell } from '../queries/value-json.ts';

export type JsonValue = JsonCell | readonly JsonValue[] | { readonly [member: string]: JsonValue };

/** As exact as `/v1/queries`: a whole number beyond 2^53-1 is text. Bytes are base64, lists and structs what JSON has for them. */
export function jsonOfValue(value: Value): JsonValue {
  if (value === null || typeof value !== 'object') return jsonOfScalar(value);
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (isList(value)) return value.map(jsonOfValue);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonOfValue(member)]));
}

export function jsonOfRow(row: Row): JsonValue[] {
  return row.map(jsonOfValue);
}

/** The value as a text within other texts, where it has no text of its own. */
export function textOf(value: Exclude<Value, null>): string {
  if (typeof value === 'string') return value;
  const json = jsonOfValue(value);
  return typeof json === 'object' ? JSON.stringify(json) : String(json);
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
