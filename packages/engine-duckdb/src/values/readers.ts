import {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBGeometryValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimeNSValue,
  DuckDBTimeTZValue,
  DuckDBTimeValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  DuckDBUnionType,
  DuckDBUnionValue,
  DuckDBVariantValue,
} from '@duckdb/node-api';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { Value } from '@mooring/engine';
import { NANOS, dateText, instantText, offsetText, timeText, timestampText } from './times.ts';

/** What is not NULL, of the driver's own shape, as the port's. */
export type Reader = (value: NonNullable<DuckDBValue>) => Value;

const asItIs: Reader = (value) => value as Value;
const asText: Reader = (value) => String(value);

/** By type; where the shape of a value says it all, one reader serves several. */
const READERS: Partial<Record<DuckDBTypeId, Reader>> = {
  [DuckDBTypeId.BLOB]: (value) => bytesOf((value as DuckDBBlobValue).bytes),
  [DuckDBTypeId.GEOMETRY]: (value) => bytesOf((value as DuckDBGeometryValue).bytes),
  [DuckDBTypeId.DECIMAL]: asText,
  [DuckDBTypeId.UUID]: asText,
  [DuckDBTypeId.BIT]: asText,
  [DuckDBTypeId.INTERVAL]: asText,
  [DuckDBTypeId.DATE]: (value) => dateText((value as DuckDBDateValue).days),
  [DuckDBTypeId.TIME]: (value) => timeText(Number((value as DuckDBTimeValue).micros)),
  [DuckDBTypeId.TIME_NS]: (value) => timeText(Number((value as DuckDBTimeNSValue).nanos), NANOS),
  [DuckDBTypeId.TIME_TZ]: (value) => {
    const { micros, offset } = value as DuckDBTimeTZValue;
    return `${timeText(Number(micros))}${offsetText(offset)}`;
  },
  [DuckDBTypeId.TIMESTAMP]: (value) => timestampText((value as DuckDBTimestampValue).micros),
  [DuckDBTypeId.TIMESTAMP_TZ]: (value) => instantText((value as DuckDBTimestampTZValue).micros),
  [DuckDBTypeId.TIMESTAMP_S]: (value) => timestampText((value as DuckDBTimestampSecondsValue).seconds, 1),
  [DuckDBTypeId.TIMESTAMP_MS]: (value) => timestampText((value as DuckDBTimestampMillisecondsValue).millis, 1000),
  [DuckDBTypeId.TIMESTAMP_NS]: (value) => timestampText((value as DuckDBTimestampNanosecondsValue).nanos, NANOS),
  [DuckDBTypeId.VARIANT]: (value) => {
    const { value: inner, type } = value as DuckDBVariantValue;
    if (inner === null || inner === undefined) return null;
    return type === undefined ? asText(inner) : readerOf(type)(inner);
  },
};

export function readerOf(type: DuckDBType): Reader {
  if (type instanceof DuckDBListType) {
    const read = itemReader(type.valueType);
    return (value) => (value as DuckDBListValue).items.map(read);
  }
  if (type instanceof DuckDBArrayType) {
    const read = itemReader(type.valueType);
    return (value) => (value as DuckDBArrayValue).items.map(read);
  }
  if (type instanceof DuckDBStructType) {
    const members = type.entryNames.map((name, index) => [name, itemReader(type.entryTypes[index]!)] as const);
    return (value) => {
      const { entries } = value as DuckDBStructValue;
      return Object.fromEntries(members.map(([name, read]) => [name, read(entries[name]!)]));
    };
  }
  if (type instanceof DuckDBMapType) {
    const readKey = itemReader(type.keyType);
    const readValue = itemReader(type.valueType);
    return (value) => (value as DuckDBMapValue).entries.map((entry) => [readKey(entry.key), readValue(entry.value)]);
  }
  if (type instanceof DuckDBUnionType) {
    const members = new Map(type.memberTags.map((tag, index) => [tag, itemReader(type.memberTypes[index]!)]));
    return (value) => {
      const { tag, value: inner } = value as DuckDBUnionValue;
      return { [tag]: members.get(tag)!(inner) };
    };
  }
  return READERS[type.typeId] ?? asItIs;
}

/** Whether values of the type are already of the port's shape. */
export function isPlain(read: Reader): boolean {
  return read === asItIs;
}

export function itemReader(type: DuckDBType): (value: DuckDBValue) => Value {
  const read = readerOf(type);
  return (value) => (value === null || value === undefined ? null : read(value));
}

/** A copy, since the driver's bytes may lie in memory that it shares or frees. */
function bytesOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}
