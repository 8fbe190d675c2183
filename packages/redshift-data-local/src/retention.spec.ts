import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  GetStatementResultV2Command,
  ListSessionsCommand,
  ListStatementsCommand,
  paginateListSessions,
  paginateListStatements,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLocal } from './local.fixture.ts';
import type { Local } from './local.fixture.ts';

const HOUR = 3_600_000;

let local: Local;
let time = Date.now();

beforeAll(async () => {
  local = await openLocal({ clock: { now: () => time }, limits: { resultPageBytes: 1000 } });
});

afterAll(() => local.stop());

const insert = async (ClientToken: string) => {
  const Sql = 'insert into counted values (1)';
  const { Id } = await local.client.send(
    new ExecuteStatementCommand({ ...local.place, Sql, ClientToken, WaitTimeSeconds: 10 }),
  );
  return Id;
};

describe('what was submitted', () => {
  it('can be asked for during a day', async () => {
    const { Id } = await local.run('select 1', { StatementName: 'day' });
    const list = async () =>
      (await local.client.send(new ListStatementsCommand({ StatementName: 'day' }))).Statements?.length;
    time += 24 * HOUR - 1;
    expect((await local.client.send(new GetStatementResultCommand({ Id }))).Records).toEqual([[{ longValue: 1 }]]);
    expect(await list()).toBe(1);
    time += 1;
    for (const command of [new DescribeStatementCommand({ Id }), new GetStatementResultCommand({ Id })]) {
      await expect(local.client.send(command as DescribeStatementCommand)).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: 'Query does not exist.',
        ResourceId: Id,
      });
    }
    expect(await list()).toBe(0);
  });

  it('is known by its client token for eight hours', async () => {
    await local.run('create table counted (a int)');
    const Id = await insert('same');
    time += 8 * HOUR - 1;
    expect(await insert('same')).toBe(Id);
    time += 1;
    expect(await insert('same')).not.toBe(Id);
    expect(await local.rows('select count(*)::int from counted')).toEqual([[2]]);
  });

  it('is known by its client token to its owner only', async () => {
    const Id = await insert('shared');
    const other = local.clientOf('somebody-else');
    const again = new ExecuteStatementCommand({ ...local.place, Sql: 'select 1', ClientToken: 'shared' });
    expect((await other.send(again)).Id).not.toBe(Id);
  });
});

describe('lists', () => {
  it('of statements page without gaps while new ones come', async () => {
    for (let n = 0; n < 5; n += 1) await local.run(`select ${n}`, { StatementName: `paged-${n}` });
    const names: (string | undefined)[] = [];
    const paging = { client: local.client, pageSize: 2 };
    for await (const { Statements = [] } of paginateListStatements(paging, { StatementName: 'paged' })) {
      names.push(...Statements.map(({ StatementName }) => StatementName));
      await local.run('select 6', { StatementName: 'paged-later' });
    }
    expect(names).toEqual(['paged-4', 'paged-3', 'paged-2', 'paged-1', 'paged-0']);
  });

  it('of sessions page, too', async () => {
    const opened: (string | undefined)[] = [];
    for (let n = 0; n < 3; n += 1)
      opened.push((await local.run('select 1', { SessionKeepAliveSeconds: 60 })).SessionId);
    const listed: (string | undefined)[] = [];
    for await (const { Sessions = [] } of paginateListSessions({ client: local.client, pageSize: 2 }, {})) {
      expect(Sessions.length).toBeLessThanOrEqual(2);
      listed.push(...Sessions.map(({ SessionId }) => SessionId));
    }
    expect(listed).toEqual(opened.toReversed());
  });

  it.each([
    ['a status that is none', { Status: 'LOST' }],
    ['both kinds of target', { ClusterIdentifier: 'main', WorkgroupName: 'work' }],
    ['more than 100', { MaxResults: 101 }],
    ['a token that is none', { NextToken: 'eA==' }],
  ])('refuse %s', async (_, filter) => {
    const commands = [new ListStatementsCommand(filter as object), new ListSessionsCommand(filter as object)];
    for (const command of commands) {
      await expect(local.client.send(command as ListStatementsCommand)).rejects.toMatchObject({
        name: 'ValidationException',
      });
    }
  });
});

describe('pages of results', () => {
  it('are cut by bytes, too', async () => {
    const { Id } = await local.run(`select repeat('x', 400) from generate_series(1, 3)`);
    const first = await local.client.send(new GetStatementResultCommand({ Id }));
    expect(first.Records).toHaveLength(2);
    const second = await local.client.send(new GetStatementResultCommand({ Id, NextToken: first.NextToken }));
    expect(second).toMatchObject({ TotalNumRows: 3, ColumnMetadata: [{ name: 'repeat' }] });
    expect(second.Records).toHaveLength(1);
    expect(second.NextToken).toBeUndefined();
  });

  it('hold rows of their own when one is above the size of a page', async () => {
    const { Id } = await local.run(`select repeat('x', 4000) from generate_series(1, 2)`);
    const first = await local.client.send(new GetStatementResultCommand({ Id }));
    expect(first.Records).toHaveLength(1);
    expect(first.NextToken).toBeDefined();
  });

  it('of CSV have chunks of 1 MB with whole rows, up to 15 MB', async () => {
    const sql = `select g, repeat('ä', 25000) as t from generate_series(1, 400) g`;
    const { Id } = await local.run(sql, { ResultFormat: 'CSV' });
    let text = '';
    let pages = 0;
    for (let NextToken: string | undefined, more = true; more; pages += 1) {
      const page = await local.client.send(
        new GetStatementResultV2Command({ Id, ...(NextToken === undefined ? {} : { NextToken }) }),
      );
      const chunks = (page.Records ?? []).map(({ CSVRecords = '' }) => CSVRecords);
      expect(chunks.every((chunk) => Buffer.byteLength(chunk) <= 1024 * 1024 && chunk.endsWith('\r\n'))).toBe(true);
      expect(Buffer.byteLength(chunks.join(''))).toBeLessThanOrEqual(15 * 1024 * 1024);
      text += chunks.join('');
      NextToken = page.NextToken;
      more = NextToken !== undefined;
    }
    expect(pages).toBe(2);
    expect(text.split('\r\n').map((row) => row.split(',')[0])).toEqual([
      'g',
      ...Array.from({ length: 400 }, (_, n) => String(n + 1)),
      '',
    ]);
  });
});
