import type { Client } from 'pg';
import { columnMetadata } from '../columns.ts';
import { ApiError, validation } from '../errors.ts';
import { FUNCTIONS_SCHEMA } from '../sql/functions.ts';
import { placeOf } from '../place.ts';
import type { Call, Operation, OperationParts } from './operations.ts';
import { pageOf } from './paging.ts';

const MOST = 1_000;
/** Class 22 of SQLSTATE. */
const DATA_EXCEPTION = /^22...$/;
const OWN_SCHEMAS = `n.nspname NOT LIKE 'pg\\_temp\\_%' AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname <> '${FUNCTIONS_SCHEMA}'`;
const TABLE_TYPE = `CASE WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN 'SYSTEM TABLE'
  WHEN c.relpersistence = 't' THEN 'LOCAL TEMPORARY' WHEN c.relkind IN ('v', 'm') THEN 'VIEW' ELSE 'TABLE' END`;

/** ListDatabases, ListSchemas, ListTables and DescribeTable: they connect and answer at once. */
export function metadataOperations(
  parts: OperationParts,
): Record<'ListDatabases' | 'ListSchemas' | 'ListTables' | 'DescribeTable', Operation> {
  const ask = <Row extends object>(
    call: Call,
    sql: string,
    values: unknown[] = [],
    fallback?: string,
  ): Promise<Row[]> => inDatabase(parts, call, async (client) => (await client.query<Row>(sql, values)).rows, fallback);
  return {
    ListDatabases: async (call) => {
      const rows = await ask<{ name: string }>(
        call,
        'SELECT datname AS name FROM pg_database WHERE NOT datistemplate AND datallowconn ORDER BY 1',
        [],
        parts.connections.database,
      );
      const { items, next } = pageOf(call.input, rows, MOST);
      return { Databases: items.map(({ name }) => name), NextToken: next };
    },
    ListSchemas: async (call) => {
      const rows = await ask<{ name: string }>(
        call,
        `SELECT n.nspname AS name FROM pg_namespace n WHERE ${OWN_SCHEMAS} AND n.nspname LIKE $1 ORDER BY 1`,
        [call.input.text('SchemaPattern') ?? '%'],
      );
      const { items, next } = pageOf(call.input, rows, MOST);
      return { Schemas: items.map(({ name }) => name), NextToken: next };
    },
    ListTables: async (call) => {
      const rows = await ask<{ name: string; schema: string; type: string }>(
        call,
        `SELECT c.relname AS name, n.nspname AS schema, ${TABLE_TYPE} AS type
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${OWN_SCHEMAS} AND n.nspname LIKE $1 AND c.relname LIKE $2
         ORDER BY 2, 1`,
        [call.input.text('SchemaPattern') ?? '%', call.input.text('TablePattern') ?? '%'],
      );
      const { items, next } = pageOf(call.input, rows, MOST);
      return { Tables: items, NextToken: next };
    },
    DescribeTable: async (call) => {
      const table = call.input.text('Table');
      const rows = await ask<ColumnRow>(call, DESCRIBE_TABLE, [call.input.text('Schema') ?? null, table ?? null]);
      const { items, next } = pageOf(call.input, rows, MOST);
      return {
        TableName: table,
        ColumnList: items.map((row) =>
          columnMetadata({
            name: row.name,
            typeId: row.type_id,
            modifier: row.modifier,
            schemaName: row.schema,
            tableName: row.table,
            notNull: row.not_null,
            columnDefault: row.default,
          }),
        ),
        NextToken: next,
      };
    },
  };
}

interface ColumnRow {
  readonly name: string;
  readonly type_id: number;
  readonly modifier: number;
  readonly schema: string;
  readonly table: string;
  readonly not_null: boolean;
  readonly default: string | null;
}

const DESCRIBE_TABLE = `
  SELECT a.attname AS name, a.atttypid AS type_id, a.atttypmod AS modifier, n.nspname AS schema,
         c.relname AS "table", a.attnotnull AS not_null, pg_get_expr(d.adbin, d.adrelid) AS "default"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${OWN_SCHEMAS}
    AND ($1::text IS NULL OR n.nspname = $1) AND ($2::text IS NULL OR c.relname = $2)
  ORDER BY n.nspname, c.relname, a.attnum`;

/**
 * `Database` is what is listed. PostgreSQL lists a database only from within, so ConnectedDatabase, which the service
 * connects to instead, is logged in to and left again.
 */
async function inDatabase<T>(
  parts: OperationParts,
  call: Call,
  work: (client: Client) => Promise<T>,
  fallback?: string,
): Promise<T> {
  const { input, principal } = call;
  const connected = input.text('ConnectedDatabase');
  const place = placeOf(input, principal, parts.options, input.text('Database') ?? fallback);
  if (connected !== undefined && connected !== place.database) {
    await (await connect(parts, connected, place.role)).end();
  }
  const client = await connect(parts, place.database, place.role);
  try {
    return await work(client);
  } catch (error) {
    throw refusalOf(error as Error & { readonly code?: string });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What was asked for may be no value: a pattern that ends in its escape, a zero in a name. */
function refusalOf({ code = '', message }: Error & { readonly code?: string }): ApiError {
  return DATA_EXCEPTION.test(code)
    ? validation(`ERROR: ${message}`)
    : new ApiError('DatabaseConnectionException', message, 500);
}

async function connect({ connections, faults }: OperationParts, database: string, role: string): Promise<Client> {
  if (faults.connectDelayMs > 0) await new Promise((resolve) => void setTimeout(resolve, faults.connectDelayMs));
  try {
    return await connections.connect(database, role);
  } catch (error) {
    throw new ApiError('DatabaseConnectionException', (error as Error).message, 500);
  }
}
