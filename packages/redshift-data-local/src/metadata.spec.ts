import {
  DescribeTableCommand,
  ListDatabasesCommand,
  ListSchemasCommand,
  ListTablesCommand,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLocal } from './local.fixture.ts';
import type { Local } from './local.fixture.ts';

let local: Local;

beforeAll(async () => {
  local = await openLocal();
  await local.run('create table orders (id bigint not null, total numeric(12,2) default 0, note varchar(40))');
  await local.run('create view order_notes as select note from orders');
  await local.run('create table other (a int)');
});

afterAll(() => local.stop());

describe('metadata', () => {
  it('lists databases', async () => {
    const { Databases } = await local.client.send(new ListDatabasesCommand(local.place));
    expect(Databases).toContain(local.database);
    expect(Databases).not.toContain('template0');
  });

  it('lists schemas by pattern, its own not among them', async () => {
    const { Schemas } = await local.client.send(new ListSchemasCommand(local.place));
    expect(Schemas).toEqual(expect.arrayContaining(['public', 'pg_catalog', 'information_schema']));
    expect(Schemas).not.toContain('redshift_local');
    const found = await local.client.send(new ListSchemasCommand({ ...local.place, SchemaPattern: 'pub%' }));
    expect(found.Schemas).toEqual(['public']);
  });

  it('lists tables and views by pattern, in pages', async () => {
    const list = (more = {}) =>
      local.client.send(new ListTablesCommand({ ...local.place, SchemaPattern: 'public', ...more }));
    expect((await list({ TablePattern: 'order%' })).Tables).toEqual([
      { name: 'order_notes', schema: 'public', type: 'VIEW' },
      { name: 'orders', schema: 'public', type: 'TABLE' },
    ]);
    const first = await list({ MaxResults: 2 });
    expect(first.Tables).toHaveLength(2);
    const second = await list({ MaxResults: 2, NextToken: first.NextToken });
    expect(second.Tables).toEqual([{ name: 'other', schema: 'public', type: 'TABLE' }]);
    expect(second.NextToken).toBeUndefined();
  });

  it('describes a table', async () => {
    const described = await local.client.send(
      new DescribeTableCommand({ ...local.place, Schema: 'public', Table: 'orders' }),
    );
    expect(described).toMatchObject({
      TableName: 'orders',
      ColumnList: [
        { name: 'id', typeName: 'int8', nullable: 0, schemaName: 'public', tableName: 'orders' },
        { name: 'total', typeName: 'numeric', precision: 12, scale: 2, columnDefault: '0' },
        { name: 'note', typeName: 'varchar', precision: 40, nullable: 1 },
      ],
    });
  });

  it('refuses what can be no pattern and no name', async () => {
    const ending = local.client.send(new ListTablesCommand({ ...local.place, SchemaPattern: 'pub\\' }));
    await expect(ending).rejects.toMatchObject({ name: 'ValidationException' });
    const zero = local.client.send(new DescribeTableCommand({ ...local.place, Schema: 'public', Table: 'a\0b' }));
    await expect(zero).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('says why it can not connect', async () => {
    const lost = local.client.send(new ListTablesCommand({ ...local.place, Database: 'no_such_database' }));
    await expect(lost).rejects.toMatchObject({
      name: 'DatabaseConnectionException',
      message: expect.stringContaining('no_such_database'),
    });
  });
});
