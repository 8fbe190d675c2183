import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { readConfig } from '../config.ts';
import { ServiceError } from '../errors.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

/** A PostgreSQL for one spec file. */
export interface TestPostgres {
  /** Of a user that may create databases. */
  readonly url: string;
  /** Makes an empty database with a unique name and returns its URL. */
  createDatabase(): Promise<string>;
  /** Drops the databases made here, open connections or not, and stops the server if it was started here. */
  stop(): Promise<void>;
}

async function runOnce(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(statement);
  } catch (error) {
    const { host, port, database } = client;
    throw new ServiceError(
      'unreachable',
      `PostgreSQL at ${host}:${port}/${database} did not run ${statement.split(' ').slice(0, 2).join(' ')}: ` +
        `${(error as Error).message}. Remedy: check MOORING_TEST_POSTGRES_URL, its user must be able to create databases.`,
      { cause: error },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The server that MOORING_TEST_POSTGRES_URL names, else one of its own. */
export async function testPostgres(externalUrl = readConfig().postgresUrl): Promise<TestPostgres> {
  const own: PostgresServer | undefined = externalUrl === undefined ? await startPostgres() : undefined;
  const url = externalUrl ?? (own as PostgresServer).url;
  const names: string[] = [];
  return {
    url,
    createDatabase: async () => {
      const name = `mooring_test_${randomBytes(6).toString('hex')}`;
      await runOnce(url, `CREATE DATABASE ${name}`);
      names.push(name);
      const database = new URL(url);
      database.pathname = `/${name}`;
      return database.href;
    },
    stop: async () => {
      if (own === undefined) {
        for (const name of names.splice(0)) await runOnce(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      } else {
        await own.stop();
      }
    },
  };
}
