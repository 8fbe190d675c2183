import { rm } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
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

/** As the query API calls it: prepared, then read chunk by chunk. */
async function read(connection: DuckDBConnection, sql: string): Promise<Answer> {
  const prepared = await connection.prepare(sql);
  try {
    const result = await prepared.stream();
    const types = result.columnTypes();
    const schema = result.columnNames().map((name, index) => ({ name, type: String(types[index]) }));
    const rows: unknown[] = [];
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      for (const row of chunk.getRows())
        rows.push(row.map((value) => (typeof value === 'bigint' ? Number(value) : value)));
    }
    return { schema, rows };
  } finally {
    prepared.destroySync();
  }
}

interface Sql {
  readonly sql: string;
}

const app = Fastify();
app.get('/ready', async () => 'ready');
app.post<{ Body: Sql }>('/v1/sql/kept', ({ body }) => onKept(body.sql));
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
