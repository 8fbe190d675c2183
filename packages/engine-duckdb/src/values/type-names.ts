import {
  DuckDBArrayType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBTypeId,
  DuckDBUnionType,
} from '@duckdb/node-api';
import type { DuckDBType } from '@duckdb/node-api';

/** Where the driver's name is not the one that DuckDB itself shows. */
const NAMES: Partial<Record<DuckDBTypeId, string>> = {
  [DuckDBTypeId.TIME_TZ]: 'TIME WITH TIME ZONE',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'TIMESTAMP WITH TIME ZONE',
  [DuckDBTypeId.SQLNULL]: 'NULL',
};

/** The type's name as DuckDB's `typeof` writes it. */
export function typeName(type: DuckDBType): string {
  if (type.alias !== undefined && type.alias !== '') return type.alias;
  if (type instanceof DuckDBListType) return `${typeName(type.valueType)}[]`;
  if (type instanceof DuckDBArrayType) return `${typeName(type.valueType)}[${type.length}]`;
  if (type instanceof DuckDBMapType) return `MAP(${typeName(type.keyType)}, ${typeName(type.valueType)})`;
  if (type instanceof DuckDBStructType) return `STRUCT(${members(type.entryNames, type.entryTypes)})`;
  if (type instanceof DuckDBUnionType) return `UNION(${members(type.memberTags, type.memberTypes)})`;
  return NAMES[type.typeId] ?? type.toString();
}

function members(names: readonly string[], types: readonly DuckDBType[]): string {
  return types.map((type, index) => memberText(names[index] ?? '', typeName(type))).join(', ');
}

function memberText(name: string, type: string): string {
  if (name === '') return type;
  return `${/^[a-z_][a-z0-9_]*$/i.test(name) ? name : `"${name.replaceAll('"', '""')}"`} ${type}`;
}
