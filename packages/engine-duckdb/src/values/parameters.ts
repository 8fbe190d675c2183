import {
  BIGINT,
  BIGNUM,
  BLOB,
  BOOLEAN,
  DOUBLE,
  DuckDBListType,
  DuckDBStructType,
  DuckDBTypeId,
  HUGEINT,
  INTEGER,
  LIST,
  SQLNULL,
  STRUCT,
  VARCHAR,
  blobValue,
  listValue,
  structValue,
} from '@duckdb/node-api';
import type { DuckDBPreparedStatement, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { EngineError } from '@mooring/engine';
import type { Value } from '@mooring/engine';

const DEEPEST = 100;
/** From narrow to wide: items of a list that differ only in these become the widest. */
const NUMBERS = [DuckDBTypeId.INTEGER, DuckDBTypeId.BIGINT, DuckDBTypeId.HUGEINT, DuckDBTypeId.BIGNUM];

/**
 * Binds `$1` … `$n`. A text is a VARCHAR, which DuckDB converts to what the statement needs in its place: so dates,
 * decimals and UUIDs are passed as they come out of a result.
 */
export function bindParameters(prepared: DuckDBPreparedStatement, parameters: readonly Value[]): void {
  const expected = prepared.parameterCount;
  if (expected !== parameters.length) throw wrongCount(expected, parameters.length);
  for (const [index, value] of parameters.entries()) {
    const at = positionOf(prepared, index + 1);
    if (at !== index + 1) throw wrongCount(expected, parameters.length);
    bindOne(prepared, at, value);
  }
}

function positionOf(prepared: DuckDBPreparedStatement, number: number): number | undefined {
  try {
    return prepared.parameterIndex(String(number));
  } catch {
    return undefined;
  }
}

function bindOne(prepared: DuckDBPreparedStatement, at: number, value: Value): void {
  if (value === null) prepared.bindNull(at);
  else if (typeof value === 'string') prepared.bindVarchar(at, value);
  else if (typeof value === 'boolean') prepared.bindBoolean(at, value);
  else if (value instanceof Uint8Array) prepared.bindBlob(at, value);
  else {
    const type = typeOf(value, `parameter $${at}`, 0);
    prepared.bindValue(at, driverValue(value, type), type);
  }
}

function typeOf(value: Value, where: string, depth: number): DuckDBType {
  if (depth > DEEPEST) throw invalid(`${where} is nested deeper than ${DEEPEST} levels`);
  if (value === null) return SQLNULL;
  if (typeof value === 'string') return VARCHAR;
  if (typeof value === 'boolean') return BOOLEAN;
  if (typeof value === 'number') return numberType(value);
  if (typeof value === 'bigint') return integerType(value);
  if (value instanceof Uint8Array) return BLOB;
  if (isList(value)) {
    let items: DuckDBType = SQLNULL;
    for (const item of value) items = widest(items, typeOf(item, where, depth + 1), where);
    return LIST(items);
  }
  if (typeof value === 'object') {
    const members = Object.entries(value);
    if (members.length === 0) throw invalid(`${where} is an object without members, which is no struct`);
    return STRUCT(Object.fromEntries(members.map(([name, member]) => [name, typeOf(member, where, depth + 1)])));
  }
  throw invalid(`${where} is neither a text, number, boolean, null, bytes, list nor object`);
}

function numberType(value: number): DuckDBType {
  if (!Number.isInteger(value) || Object.is(value, -0)) return DOUBLE;
  if (value >= -(2 ** 31) && value < 2 ** 31) return INTEGER;
  return Number.isSafeInteger(value) ? BIGINT : DOUBLE;
}

function integerType(value: bigint): DuckDBType {
  if (BigInt.asIntN(64, value) === value) return BIGINT;
  return BigInt.asIntN(128, value) === value ? HUGEINT : BIGNUM;
}

function widest(one: DuckDBType, other: DuckDBType, where: string): DuckDBType {
  if (one.typeId === DuckDBTypeId.SQLNULL) return other;
  if (other.typeId === DuckDBTypeId.SQLNULL) return one;
  const [first, second] = [NUMBERS.indexOf(one.typeId), NUMBERS.indexOf(other.typeId)];
  if (first >= 0 && second >= 0) return first > second ? one : other;
  if (first >= 0 && other.typeId === DuckDBTypeId.DOUBLE) return other;
  if (second >= 0 && one.typeId === DuckDBTypeId.DOUBLE) return one;
  if (one instanceof DuckDBListType && other instanceof DuckDBListType) {
    return LIST(widest(one.valueType, other.valueType, where));
  }
  if (one instanceof DuckDBStructType && other instanceof DuckDBStructType && sameNames(one, other)) {
    const types = one.entryTypes.map((type, index) => widest(type, other.entryTypes[index]!, where));
    return new DuckDBStructType(one.entryNames, types);
  }
  if (one.typeId === other.typeId && one.toString() === other.toString()) return one;
  throw invalid(`${where} is a list whose items are of different types`);
}

function sameNames(one: DuckDBStructType, other: DuckDBStructType): boolean {
  return one.entryNames.length === other.entryNames.length && one.entryNames.every((n, i) => n === other.entryNames[i]);
}

function driverValue(value: Value, type: DuckDBType): DuckDBValue {
  if (value === null) return null;
  if (value instanceof Uint8Array) return blobValue(value);
  if (isList(value)) return listValue(value.map((item) => driverValue(item, (type as DuckDBListType).valueType)));
  if (typeof value === 'object') {
    const { entryNames, entryTypes } = type as DuckDBStructType;
    const members = entryNames.map((name, index) => [name, driverValue(value[name]!, entryTypes[index]!)]);
    return structValue(Object.fromEntries(members));
  }
  if (typeof value === 'number') return type.typeId === DuckDBTypeId.INTEGER ? value : widened(value, type);
  if (typeof value === 'bigint' && type.typeId === DuckDBTypeId.DOUBLE) return rounded(value);
  return value;
}

function widened(value: number, type: DuckDBType): number | bigint {
  return type.typeId === DuckDBTypeId.DOUBLE ? value : BigInt(value);
}

function rounded(value: bigint): number {
  const number = Number(value);
  if (BigInt(number) !== value) throw invalid('an integer beyond 2^53 and a fraction can not be items of one list');
  return number;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function invalid(message: string): EngineError {
  return new EngineError({ code: 'invalid_argument', message: `${message}.` });
}

function wrongCount(expected: number, actual: number): EngineError {
  return new EngineError({
    code: 'parameter_count',
    message:
      expected === actual
        ? 'Parameters are numbered $1, $2, … without gaps.'
        : `The statement has ${expected} parameters, and ${actual} values came. They are numbered $1, $2, … without gaps.`,
    facts: { expected, actual },
  });
}
