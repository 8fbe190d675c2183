import { randomUUID } from 'node:crypto';
import { ExecuteStatementCommand, GetStatementResultCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { DuckDBInstance } from '@duckdb/node-api';
import { hash, verify } from '@node-rs/argon2';
import Fastify from 'fastify';
import { Pool } from 'pg';

/**
 * Four handlers of Fastify with nothing between them and what they call: what is left of a request when all that the services add
 * is taken away. Arguments: PostgreSQL's URL, the warehouse's endpoint, its database, how many sessions to open in it, the port.
 */
const [url = '', endpoint = '', database = '', sessions = '0', port = '0'] = process.argv.slice(2);

const PASSWORD = 'a-password-that-is-right';
const hashed = await hash(PASSWORD, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

const pool = new Pool({ connectionString: url, max: 10 });
await pool.query('create table bare_sessions (id text primary key, subject text, data jsonb, ends_at bigint)');

async function login(password: string): Promise<{ readonly token: string }> {
  if (!(await verify(hashed, password))) throw new Error('the password is wrong');
  const token = randomUUID();
  await pool.query({
    name: 'login',
    text: 'insert into bare_sessions values ($1, $2, $3, $4)',
    values: [token, 'ann', '{"role":"user"}', Date.now() + 3_600_000],
  });
  return { token };
}

async function whoIs(token: string): Promise<unknown> {
  const { rows } = await pool.query({ name: 'me', text: 'select * from bare_sessions where id = $1', values: [token] });
  if (rows[0] === undefined) throw new Error('there is no such session');
  return rows[0];
}

const duckdb = await DuckDBInstance.create(':memory:', { threads: '1' });
const free = [await duckdb.connect()];

async function onDuckdb(sql: string): Promise<unknown> {
  const connection = free.pop() ?? (await duckdb.connect());
  const reader = await connection.runAndReadAll(sql);
  free.push(connection);
  return { rows: reader.getRowsJson() };
}

const warehouse = new RedshiftDataClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'bare', secretAccessKey: 'bare' },
});
const target = { ClusterIdentifier: 'main', Database: database, DbUser: 'bare' };
const open = await Promise.all(
  Array.from({ length: Number(sessions) }, async () => {
    const opened = await warehouse.send(
      new ExecuteStatementCommand({ ...target, Sql: 'select 1', SessionKeepAliveSeconds: 3600, WaitTimeSeconds: 30 }),
    );
    return opened.SessionId;
  }),
);

async function onWarehouse(sql: string): Promise<unknown> {
  const session = open.pop();
  if (session === undefined) throw new Error('no session is free');
  const { Id } = await warehouse.send(
    new ExecuteStatementCommand({ SessionId: session, Sql: sql, WaitTimeSeconds: 1 }),
  );
  const { Records } = await warehouse.send(new GetStatementResultCommand({ Id }));
  open.push(session);
  return { rows: Records };
}

interface Sql {
  readonly sql: string;
}

const app = Fastify();
app.get('/ready', async () => 'ready');
app.post<{ Body: { readonly password: string } }>('/auth/login', ({ body }) => login(body.password));
app.get('/auth/me', ({ headers }) => whoIs(headers.authorization?.slice('Bearer '.length) ?? ''));
app.post<{ Body: Sql }>('/v1/sql', ({ body }) => onDuckdb(body.sql));
app.post<{ Body: Sql }>('/v1/queries', ({ body }) => onWarehouse(body.sql));
await app.listen({ port: Number(port), host: '127.0.0.1' });
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
