import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  GetStatementResultV2Command,
  ListStatementsCommand,
  paginateGetStatementResult,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLocal } from './local.fixture.ts';
import type { Local } from './local.fixture.ts';

let local: Local;

beforeAll(async () => {
  local = await openLocal({ limits: { resultPageRows: 100 } });
});

afterAll(() => local.stop());

const submit = (Sql: string, more = {}) =>
  local.client.send(new ExecuteStatementCommand({ ...local.place, Sql, ...more }));

describe('ExecuteStatement', () => {
  it('answers at once and runs later', async () => {
    const submitted = await submit('select pg_sleep(0.3)');
    expect(submitted).toMatchObject({ ClusterIdentifier: 'main', Database: local.database, DbUser: 'ann' });
    expect(submitted.CreatedAt).toBeInstanceOf(Date);
    expect(submitted.SessionId).toBeUndefined();
    expect(submitted.Status).toBeUndefined();
    const now = await local.client.send(new DescribeStatementCommand({ Id: submitted.Id }));
    expect(['SUBMITTED', 'PICKED', 'STARTED']).toContain(now.Status);
    const end = await local.client.send(new DescribeStatementCommand({ Id: submitted.Id, WaitTimeSeconds: 10 }));
    expect(end).toMatchObject({ Status: 'FINISHED', HasResultSet: true, ResultRows: 1 });
    expect(end.Duration).toBeGreaterThan(250e6);
  });

  it('waits for the end when asked to', async () => {
    const submitted = await submit('select 1', { WaitTimeSeconds: 10 });
    expect(submitted).toMatchObject({ Status: 'FINISHED', HasResultSet: true });
    expect(submitted.RedshiftPid).toBeGreaterThan(0);
  });

  it('reports SQL errors in the statement, not in the call', async () => {
    expect(await local.run('select * from nowhere')).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringMatching(/^ERROR: relation "nowhere" does not exist\n {2}Position: 15$/),
      HasResultSet: false,
    });
  });

  it('counts the rows that a change touched', async () => {
    await local.run('create table touched (a int)');
    expect(await local.run('insert into touched values (1), (2)')).toMatchObject({
      ResultRows: 2,
      HasResultSet: false,
    });
  });

  it('runs as the database user, who can become nobody else', async () => {
    expect(await local.rows('select current_user, session_user')).toEqual([['ann', 'ann']]);
    expect(await local.run('reset session authorization')).toMatchObject({ Status: 'FINISHED' });
    expect(await local.run('set role postgres')).toMatchObject({ Status: 'FAILED' });
    expect(await local.run('select 1', { DbUser: 'postgres' })).toMatchObject({ Status: 'FAILED' });
  });

  it.each([
    ['no place', { ClusterIdentifier: undefined }, 'Either ClusterIdentifier or WorkgroupName'],
    ['two places', { WorkgroupName: 'work' }, 'Only one of'],
    ['a user besides a secret', { SecretArn: 'arn:aws:secretsmanager:us-east-1:1:secret:ann-a1b2c3' }, 'Only one of'],
    ['no database', { Database: undefined }, 'Database'],
    ['a wait of 31 s', { WaitTimeSeconds: 31 }, 'waitTimeSeconds'],
    ['a keep-alive above a day', { SessionKeepAliveSeconds: 86_401 }, 'sessionKeepAliveSeconds'],
    ['a token of 65 characters', { ClientToken: 'x'.repeat(65) }, 'clientToken'],
    ['an empty parameter list', { Parameters: [] }, 'parameters'],
    ['an empty value', { Parameters: [{ name: 'a', value: '' }] }, 'parameters'],
    ['a wrong name', { ClusterIdentifier: 'Main_' }, 'clusterIdentifier'],
    ['a format that is none', { ResultFormat: 'XML' }, 'resultFormat'],
    ['an unused parameter', { Parameters: [{ name: 'b', value: '1' }] }, 'Unused parameters: [b]'],
    ['an empty text', { Sql: ' ' }, 'empty'],
    ['two statements', { Sql: 'select 1; select 2' }, 'Multiple SQL statements'],
    ['a text above 200 KB', { Sql: `select '${'x'.repeat(200 * 1024)}'` }, 'too long'],
    [
      'a session that is none',
      { SessionId: '00000000-0000-4000-8000-000000000000' },
      'SessionId cannot be specified together',
    ],
  ])('refuses %s', async (_, change, text) => {
    await expect(submit('select 1', change)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(text),
    });
  });

  it('binds parameters by name, as values of the type that fits', async () => {
    const Parameters = [
      { name: 'n', value: '41' },
      { name: 't', value: "it's" },
    ];
    const rows = await local.rows("select :n::int + 1, :t, length(:t), ':n', :n::text || 'x' -- :n", { Parameters });
    expect(rows).toEqual([[42, "it's", 4, ':n', '41x']]);
  });

  it('runs a client token once', async () => {
    await local.run('create table tokens (a int)');
    const more = { ClientToken: 'one-token', WaitTimeSeconds: 10 };
    const [first, second] = [
      await submit('insert into tokens values (1)', more),
      await submit('insert into tokens values (1)', more),
    ];
    expect(second.Id).toBe(first.Id);
    expect(await local.rows('select count(*)::int from tokens')).toEqual([[1]]);
  });
});

describe('results', () => {
  it('have the types of the JDBC mapping', async () => {
    const { ColumnMetadata, Records, TotalNumRows } = await local.result(
      `select 1::smallint, 2::int, 3::bigint, 1.50::numeric(8,2), 1.5::real, 2.5::float8, 'Infinity'::float8, true,
              'x'::varchar(9), 'y'::char(3), date '2008-01-01', timestamp '2022-02-22 00:00:00',
              timestamp '2020-08-21 17:33:51.88712', timestamptz '2008-01-01 20:00:00+00', time '20:00:00',
              '{"a":1}'::json, '\\x01ff'::bytea, null`,
    );
    expect(Records?.[0]).toEqual([
      { longValue: 1 },
      { longValue: 2 },
      { longValue: 3 },
      { stringValue: '1.50' },
      { doubleValue: 1.5 },
      { doubleValue: 2.5 },
      { doubleValue: Number.POSITIVE_INFINITY },
      { booleanValue: true },
      { stringValue: 'x' },
      { stringValue: 'y  ' },
      { stringValue: '2008-01-01' },
      { stringValue: '2022-02-22 00:00:00.0' },
      { stringValue: '2020-08-21 17:33:51.88712' },
      { stringValue: '2008-01-01 20:00:00+00' },
      { stringValue: '20:00:00' },
      { stringValue: '{"a":1}' },
      { stringValue: '01ff' },
      { isNull: true },
    ]);
    expect(ColumnMetadata?.map(({ typeName }) => typeName).join(' ')).toBe(
      'int2 int4 int8 numeric float4 float8 float8 bool varchar bpchar date timestamp timestamp timestamptz time super varbyte varchar',
    );
    expect(ColumnMetadata?.[3]).toMatchObject({ precision: 8, scale: 2, isSigned: true, nullable: 1 });
    expect(TotalNumRows).toBe(1);
  });

  it('name the table of a column, and say whether it may be null', async () => {
    await local.run('create table described (id int not null, name varchar(20))');
    const { ColumnMetadata } = await local.result('select id, name, id + 1 from described');
    expect(ColumnMetadata).toMatchObject([
      { name: 'id', schemaName: 'public', tableName: 'described', nullable: 0 },
      { name: 'name', tableName: 'described', nullable: 1, precision: 20, isCaseSensitive: true },
      { name: '?column?', schemaName: '', tableName: '' },
    ]);
  });

  it('come in pages that the SDK walks by itself', async () => {
    const { Id } = await local.run('select g from generate_series(1, 250) g');
    const pages = [];
    for await (const page of paginateGetStatementResult({ client: local.client }, { Id })) {
      pages.push(page.Records?.length);
      expect(page).toMatchObject({ TotalNumRows: 250, ColumnMetadata: [{ name: 'g' }] });
    }
    expect(pages).toEqual([100, 100, 50]);
    await expect(local.client.send(new GetStatementResultCommand({ Id, NextToken: 'nonsense' }))).rejects.toMatchObject(
      { name: 'ValidationException' },
    );
  });

  it('come as CSV when that was asked for, and only then', async () => {
    const sql = `select 1 as a, 'x,"y"' as "b c", null as n, '' as e union all select 2, 'line
break', 'n', 'e' order by 1`;
    const { Id } = await local.run(sql, { ResultFormat: 'CSV' });
    const { Records, ResultFormat } = await local.client.send(new GetStatementResultV2Command({ Id }));
    expect(Records?.map(({ CSVRecords }) => CSVRecords).join('')).toBe(
      'a,b c,n,e\r\n1,"x,""y""",,""\r\n2,"line\nbreak",n,e\r\n',
    );
    expect(ResultFormat).toBe('csv');
    await expect(local.client.send(new GetStatementResultCommand({ Id }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('are not there for what failed, runs or returns nothing', async () => {
    for (const sql of ['select nothing_here', 'create table empty_one (a int)', 'select pg_sleep(2)']) {
      const { Id } = await submit(sql, sql.includes('sleep') ? {} : { WaitTimeSeconds: 5 });
      await expect(local.client.send(new GetStatementResultCommand({ Id }))).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: 'Query does not have result. Please check query status with DescribeStatement.',
        ResourceId: Id,
      });
    }
  });

  it('over the limits fail the statement', async () => {
    expect(await local.run(`select repeat('x', 70000)`)).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringContaining('packet for query is too large'),
    });
  });
});

describe('BatchExecuteStatement', () => {
  const batch = async (Sqls: string[], more = {}) => {
    const { Id } = await local.client.send(
      new BatchExecuteStatementCommand({ ...local.place, Sqls, WaitTimeSeconds: 20, ...more }),
    );
    return local.client.send(new DescribeStatementCommand({ Id }));
  };

  it('gives every statement an id and a result of its own', async () => {
    const described = await batch(['select 1 as a', 'select :x as b'], { Parameters: [{ name: 'x', value: 'v' }] });
    expect(described).toMatchObject({ Status: 'FINISHED', HasResultSet: true, ExecutionMode: 'TRANSACTION' });
    expect(described.QueryString).toBeUndefined();
    expect(described.SubStatements?.map(({ Id }) => Id)).toEqual([`${described.Id}:1`, `${described.Id}:2`]);
    const { Records } = await local.client.send(new GetStatementResultCommand({ Id: `${described.Id}:2` }));
    expect(Records).toEqual([[{ stringValue: 'v' }]]);
  });

  it('rolls a transaction back as a whole', async () => {
    await local.run('create table whole (a int)');
    const described = await batch(['insert into whole values (1)', 'select 1/0', 'select 3']);
    expect(described).toMatchObject({ Status: 'FAILED', Error: 'Query #2 failed with ERROR: division by zero' });
    expect(described.SubStatements?.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED', 'ABORTED']);
    expect(await local.rows('select count(*)::int from whole')).toEqual([[0]]);
  });

  it('goes on after a failure when each statement stands alone', async () => {
    await local.run('create table alone (a int)');
    const described = await batch(['select 1/0', 'insert into alone values (1)'], { ExecutionMode: 'AUTO_COMMIT' });
    expect(described.Status).toBe('FAILED');
    expect(await local.rows('select count(*)::int from alone')).toEqual([[1]]);
    const guarded = ['BEGIN', 'insert into alone values (2)', 'ROLLBACK'];
    expect(await batch(guarded, { ExecutionMode: 'AUTO_COMMIT' })).toMatchObject({ Status: 'FINISHED' });
    expect(await local.rows('select count(*)::int from alone')).toEqual([[1]]);
  });

  it.each([[[]], [Array.from({ length: 41 }, () => 'select 1')]])('has 1 to 40 statements', async (sqls) => {
    await expect(batch(sqls)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('CancelStatement', () => {
  it('ends what runs, and what is not yet picked', async () => {
    const { Id } = await submit('select pg_sleep(60)');
    expect(await local.client.send(new CancelStatementCommand({ Id }))).toMatchObject({ Status: true });
    const described = await local.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }));
    expect(described.Status).toBe('ABORTED');
    await expect(local.client.send(new CancelStatementCommand({ Id }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: `Could not cancel a query that is already in ABORTED state with ID: ${Id}`,
    });
  });

  it.each([
    ['00000000-0000-4000-8000-000000000000', 'ResourceNotFoundException', 'Query does not exist.'],
    ['nonsense', 'ValidationException', 'id must satisfy regex pattern:'],
  ])('knows no %s', async (Id, name, text) => {
    await expect(local.client.send(new CancelStatementCommand({ Id }))).rejects.toMatchObject({
      name,
      message: expect.stringContaining(text),
    });
  });
});

describe('ListStatements', () => {
  it('finds by the beginning of a name, finished ones unless asked otherwise', async () => {
    await local.run('select 1', { StatementName: 'listed-a' });
    await local.run('select broken', { StatementName: 'listed-b' });
    await local.run('select 2', { StatementName: 'Listed-c' });
    const list = async (more = {}) =>
      (await local.client.send(new ListStatementsCommand({ StatementName: 'listed', ...more }))).Statements?.map(
        ({ StatementName }) => StatementName,
      );
    expect(await list()).toEqual(['listed-a']);
    expect(await list({ Status: 'ALL' })).toEqual(['listed-b', 'listed-a']);
    expect(await list({ Status: 'FAILED' })).toEqual(['listed-b']);
    expect(await list({ Status: 'ALL', Database: 'elsewhere' })).toEqual([]);
    const first = await local.client.send(
      new ListStatementsCommand({ StatementName: 'listed', Status: 'ALL', MaxResults: 1 }),
    );
    expect(first.Statements).toHaveLength(1);
    expect(await list({ Status: 'ALL', NextToken: first.NextToken })).toEqual(['listed-a']);
  });
});

describe('another access key', () => {
  it('sees and touches nothing of the first', async () => {
    const { Id } = await local.run('select 1', { StatementName: 'private' });
    const other = local.clientOf('somebody-else');
    await expect(other.send(new DescribeStatementCommand({ Id }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(other.send(new GetStatementResultCommand({ Id }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const { Statements } = await other.send(new ListStatementsCommand({ StatementName: 'private', Status: 'ALL' }));
    expect(Statements).toEqual([]);
  });
});
