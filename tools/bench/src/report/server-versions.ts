import { version as duckdbVersion } from '@duckdb/node-api';
import { startPostgres, startRedis } from '@mooring/services';
import { Redis } from 'ioredis';
import { Client } from 'pg';

/** By name, of the servers that benchmarks are given on this machine. */
export type ServerVersions = Readonly<Record<string, string>>;

/** Starts them once to ask. */
export async function serverVersions(): Promise<ServerVersions> {
  const [postgres, redis] = await Promise.all([postgresVersion(), redisVersion()]);
  return { PostgreSQL: postgres, Redis: redis, DuckDB: duckdbVersion().replace(/^v/, '') };
}

async function postgresVersion(): Promise<string> {
  const server = await startPostgres();
  try {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    try {
      const { rows } = await client.query<{ server_version: string }>('show server_version');
      return rows[0]?.server_version.split(' ')[0] ?? 'unknown';
    } finally {
      await client.end();
    }
  } finally {
    await server.stop();
  }
}

async function redisVersion(): Promise<string> {
  const server = await startRedis();
  try {
    const client = new Redis(server.url);
    try {
      return /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown';
    } finally {
      client.disconnect();
    }
  } finally {
    await server.stop();
  }
}
