import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import { DataSource } from 'typeorm';
import { migrations } from '../migrations/index.ts';
import { entities } from './index.ts';
import { SessionEntity } from './session-entities.ts';

let server: TestPostgres;
let dataSource: DataSource;

beforeAll(async () => {
  server = await testPostgres();
  dataSource = new DataSource({ type: 'postgres', url: await server.createDatabase(), entities, migrations });
  await dataSource.initialize();
  await dataSource.runMigrations();
});

afterAll(async () => {
  await dataSource?.destroy();
  await server?.stop();
});

describe('entities', () => {
  it('have the columns, types and keys of the migrated tables', async () => {
    const rows = await dataSource.query<{ column: string }[]>(
      `select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, null)
         || case when a.attnotnull then '' else ' null' end
         || case when a.attnum = any (k.conkey) then ' key' else '' end as column
       from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
       where c.relname like 'mooring\\_%' and c.relkind = 'r'
       order by 1`,
    );
    const declared = dataSource.entityMetadatas.flatMap(({ tableName, columns }) =>
      columns.map(
        (column) =>
          `${tableName}.${column.databaseName} ${String(column.type)}${column.isArray ? '[]' : ''}` +
          `${column.isNullable ? ' null' : ''}${column.isPrimary ? ' key' : ''}`,
      ),
    );
    expect(declared.sort()).toEqual(rows.map((row) => row.column).sort());
  });

  it('leave the schema as it is when a data source synchronizes', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('read and write rows', async () => {
    const sessions = dataSource.getRepository(SessionEntity);
    await sessions.insert({
      namespace: 'n',
      tenantId: 't',
      id: 'i',
      data: { a: 1 },
      version: 1,
      createdAt: 1_763_700_000_000,
      authenticatedAt: 1,
      lastSeenAt: 1,
      idleTimeoutMs: 1,
      lifetimeMs: 1,
      idleExpiresAt: 1,
      absoluteExpiresAt: 1,
      sweepHour: 0,
      retiredVerifiers: ['v'],
    });
    expect(await sessions.findOneBy({ namespace: 'n', id: 'i' })).toMatchObject({
      createdAt: 1_763_700_000_000,
      data: { a: 1 },
      retiredVerifiers: ['v'],
      verifier: null,
    });
  });
});
