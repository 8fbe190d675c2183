import type { Client, FieldDef } from 'pg';

/** A column as the service describes it. */
export interface ColumnMetadata {
  readonly isCaseSensitive: boolean;
  readonly isCurrency: boolean;
  readonly isSigned: boolean;
  readonly label: string;
  readonly length: number;
  readonly name: string;
  /** 0: NOT NULL, 1: nullable. */
  readonly nullable: 0 | 1;
  readonly precision: number;
  readonly scale: number;
  readonly schemaName: string;
  readonly tableName: string;
  readonly typeName: string;
  readonly columnDefault?: string;
}

/** Redshift's names of PostgreSQL's types, by OID. Types that Redshift lacks go as varchar. */
const TYPE_NAMES: Readonly<Record<number, string>> = {
  16: 'bool',
  17: 'varbyte',
  18: 'char',
  20: 'int8',
  21: 'int2',
  23: 'int4',
  26: 'oid',
  114: 'super',
  700: 'float4',
  701: 'float8',
  1042: 'bpchar',
  1082: 'date',
  1083: 'time',
  1114: 'timestamp',
  1184: 'timestamptz',
  1186: 'interval',
  1266: 'timetz',
  1700: 'numeric',
  3802: 'super',
};
const PRECISIONS: Readonly<Record<number, number>> = {
  16: 1,
  20: 19,
  21: 5,
  23: 10,
  26: 10,
  700: 8,
  701: 17,
  1082: 13,
  1083: 15,
  1114: 29,
  1184: 35,
};
const SCALES: Readonly<Record<number, number>> = { 700: 8, 701: 17, 1083: 6, 1114: 6, 1184: 6 };
const SIGNED: ReadonlySet<number> = new Set([20, 21, 23, 700, 701, 1700]);
const CHARACTERS: ReadonlySet<number> = new Set([18, 19, 25, 1042, 1043]);
const NUMERIC = 1700;
const TEXT = 25;
/** Redshift's TEXT is varchar(256). */
const TEXT_LENGTH = 256;

interface Origin {
  readonly table: number;
  readonly position: number;
  readonly schema_name: string;
  readonly table_name: string;
  readonly not_null: boolean;
}

export interface ColumnShape {
  readonly name: string;
  readonly typeId: number;
  readonly modifier: number;
  readonly schemaName?: string;
  readonly tableName?: string;
  readonly notNull?: boolean;
  readonly columnDefault?: string | null;
}

export function typeNameOf(typeId: number): string {
  return TYPE_NAMES[typeId] ?? 'varchar';
}

export function columnMetadata(shape: ColumnShape): ColumnMetadata {
  const { typeId, modifier } = shape;
  return {
    isCaseSensitive: CHARACTERS.has(typeId),
    isCurrency: false,
    isSigned: SIGNED.has(typeId),
    label: shape.name,
    length: 0,
    name: shape.name,
    nullable: shape.notNull === true ? 0 : 1,
    precision: precisionOf(typeId, modifier),
    scale: typeId === NUMERIC ? (modifier > 4 ? (modifier - 4) & 0x7ff : 0) : (SCALES[typeId] ?? 0),
    schemaName: shape.schemaName ?? '',
    tableName: shape.tableName ?? '',
    typeName: typeNameOf(typeId),
    ...(shape.columnDefault === undefined || shape.columnDefault === null
      ? {}
      : { columnDefault: shape.columnDefault }),
  };
}

/** Columns of a result; those that come from tables name them, with one more question to the catalog. */
export async function describeColumns(client: Client, fields: readonly FieldDef[]): Promise<ColumnMetadata[]> {
  const origins = await originsOf(client, fields);
  return fields.map((field) => {
    const origin = origins.find(({ table, position }) => table === field.tableID && position === field.columnID);
    return columnMetadata({
      name: field.name,
      typeId: field.dataTypeID,
      modifier: field.dataTypeModifier,
      ...(origin === undefined
        ? {}
        : { schemaName: origin.schema_name, tableName: origin.table_name, notNull: origin.not_null }),
    });
  });
}

async function originsOf(client: Client, fields: readonly FieldDef[]): Promise<readonly Origin[]> {
  const tables = [...new Set(fields.map((field) => field.tableID))].filter((table) => table !== 0);
  if (tables.length === 0) return [];
  const { rows } = await client.query<Origin>(
    `SELECT c.oid AS "table", a.attnum AS position, n.nspname AS schema_name, c.relname AS table_name, a.attnotnull AS not_null
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
     WHERE c.oid = ANY($1::oid[]) AND a.attnum > 0`,
    [tables],
  );
  return rows;
}

function precisionOf(typeId: number, modifier: number): number {
  if (typeId === NUMERIC) return modifier > 4 ? ((modifier - 4) >> 16) & 0xffff : 0;
  if (typeId === TEXT) return TEXT_LENGTH;
  if (CHARACTERS.has(typeId)) return modifier > 4 ? modifier - 4 : 0;
  return PRECISIONS[typeId] ?? 0;
}
