import { rm } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import Fastify from 'fastify';
import { burst } from '../stores/turns.ts';
import { NAMESPACE, tables } from './statements.ts';

/**
 * DuckDB and a handler of Fastify, with nothing in between: what is left of a request when all that the query API adds is
 * taken away. Arguments: the database's file, the rows of its two tables, the port.
 */
const [file = '', few = '0', many = '0', port = '0'] = process.argv.slice(2);

const instance = await DuckDBInstance.create(file, { threads: '1', memory_limit: '256MiB' });
const own = await instance.connect();
await own.run(`create schema ${NAMESPACE}; use ${NAMESPACE}`);
for (const sql of tables(Number(few), Number(many))) await own.run(sql);

async function connected(): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await connection.run(`SET search_path='${NAMESPACE}'`);
  return connection;
}

const free: DuckDBConnection[] = [];

async function onKept(sql: string): Promise<Answer> {
  const connection = free.pop() ?? (await connected());
  const answer = await read(connection, sql);
  free.push(connection);
  return answer;
}

async function onceOnKept(sql: string): Promise<Answer> {
  const connection = free.pop() ?? (await connected());
  const answer = await readOnce(connection, sql);
  free.push(connection);
  return answer;
}

async function onNew(sql: string): Promise<Answer> {
  const connection = await connected();
  try {
    return await read(connection, sql);
  } finally {
    connection.closeSync();
  }
}

interface Answer {
  readonly schema: readonly unknown[];
  readonly rows: readonly unknown[];
}

/** As the query API calls it for a result whose size it does not know: prepared, then read chunk by chunk. */
async function read(connection: DuckDBConnection, sql: string): Promise<Answer> {
  const prepared = await connection.prepare(sql);
  try {
    const result = await prepared.stream();
    const rows: unknown[] = [];
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      rows.push(...rowsOf(chunk));
    }
    return { schema: schemaOf(result), rows };
  } finally {
    prepared.destroySync();
  }
}

/** As the query API calls it for a result that is known to be small: in one call. */
async function readOnce(connection: DuckDBConnection, sql: string): Promise<Answer> {
  const result = await connection.run(sql);
  const rows: unknown[] = [];
  for (let chunk = 0; chunk < result.chunkCount; chunk += 1) rows.push(...rowsOf(result.getChunk(chunk)));
  return { schema: schemaOf(result), rows };
}

function schemaOf(result: DuckDBResult): readonly unknown[] {
  const types = result.columnTypes();
  return result.columnNames().map((name, index) => ({ name, type: String(types[index]) }));
}

function rowsOf(chunk: DuckDBDataChunk): readonly unknown[] {
  return chunk.getRows().map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value)));
}

interface Sql {
  readonly sql: string;
}

const app = Fastify();
app.get('/ready', async () => 'ready');
app.post<{ Body: Sql }>('/v1/sql/kept', ({ body }) => onKept(body.sql));
app.post<{ Body: Sql }>('/v1/sql/once', ({ body }) => onceOnKept(body.sql));
app.post<{ Body: Sql }>('/v1/sql/new', ({ body }) => onNew(body.sql));
app.post<{ Body: Sql & { readonly callers: number; readonly calls: number } }>('/calls', ({ body }) =>
  burst(() => onKept(body.sql), body.callers, body.calls),
);
/** The time that DuckDB takes to write the rows into a file itself. */
app.post<{ Body: Sql & { readonly options: string } }>('/file', async ({ body: { sql, options } }) => {
  const target = `${file}.out`;
  const startedAt = performance.now();
  await own.run(`copy (${sql}) to '${target}' (${options})`);
  const tookMs = performance.now() - startedAt;
  await rm(target);
  return { tookMs };
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
