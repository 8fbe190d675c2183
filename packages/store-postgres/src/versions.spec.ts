import { afterAll, expect, it } from '@jest/globals';
import { ServiceError, startPostgres } from '@mooring/services';
import type { PostgresServer } from '@mooring/services';
import { Client } from 'pg';

/** The oldest version that the store supports; the newest is what the other specs run on. */
const OLDEST = 14;
const VERSIONS = [OLDEST, 15, 16, 17, 18] as const;
type Version = (typeof VERSIONS)[number];

function versionUnderTest(): Version {
  const named = process.env['MOORING_TEST_POSTGRES_VERSION'] ?? '';
  const version = named === '' ? OLDEST : VERSIONS.find((known) => String(known) === named);
  if (version === undefined) throw new TypeError(`MOORING_TEST_POSTGRES_VERSION must be one of ${VERSIONS.join(', ')}`);
  return version;
}

/** A server of that version, or undefined with the reason on standard error where there can be none. */
async function startVersion(version: Version): Promise<PostgresServer | undefined> {
  try {
    return await startPostgres({ version });
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'no_source') throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}

async function ask<R extends object>(url: string, statement: string): Promise<R | undefined> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(statement)).rows[0];
  } finally {
    await client.end();
  }
}

const version = versionUnderTest();
const server = await startVersion(version);

if (server === undefined) {
  // reason: no network and no such version on this machine; standard error has the remedy
  it.skip(`the contract on PostgreSQL ${version}`, () => {});
} else {
  process.env['MOORING_TEST_POSTGRES_URL'] = server.url;
  await import('./conformance.spec.ts');
  await import('./wire.spec.ts');
  await import('./schema-migrator.spec.ts');
  await import('./touch-writes.spec.ts');
  await import('./sweep.spec.ts');

  it(`ran all of this on PostgreSQL ${version}`, async () => {
    const { server_version: running } =
      (await ask<{ server_version: string }>(server.url, 'show server_version')) ?? {};
    expect(running).toMatch(new RegExp(`^${version}\\.`));
    const databases = await ask<{ made: number }>(
      server.url,
      `select count(*)::int as made from pg_database where datname like 'mooring\\_test\\_%'`,
    );
    expect(databases?.made).toBeGreaterThanOrEqual(5);
  });

  // After those of the specs above, which drop what they made.
  afterAll(() => server.stop());
}
