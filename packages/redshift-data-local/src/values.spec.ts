import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultV2Command,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLocal } from './local.fixture.ts';
import type { Local } from './local.fixture.ts';

let local: Local;

beforeAll(async () => {
  local = await openLocal({ limits: { maxResultBytes: 100_000 } });
});

afterAll(() => local.stop());

describe('values', () => {
  it('that JSON has no numbers for are texts', async () => {
    expect(await local.rows("select 'NaN'::float8, '-Infinity'::float4, 1e300::float8, 'NaN'::numeric")).toEqual([
      [Number.NaN, Number.NEGATIVE_INFINITY, 1e300, 'NaN'],
    ]);
  });

  it('look the same whatever the server and the session are set to', async () => {
    const { SessionId } = await local.run('select 1', { SessionKeepAliveSeconds: 60 });
    const sql = "select timestamptz '2024-05-15 12:00:00+02', date '2024-05-15', timestamp '2024-05-15 01:02:03.450'";
    const answer = [['2024-05-15 10:00:00+00', '2024-05-15', '2024-05-15 01:02:03.45']];
    expect(await local.rows(sql)).toEqual(answer);
    await local.run("set datestyle to 'German'", { SessionId });
    await local.run('reset all', { SessionId });
    expect(await local.rows(sql, { SessionId })).toEqual(answer);
  });

  it('are bound as literals would be', async () => {
    const Parameters = [
      { name: 'day', value: '2024-02-28' },
      { name: 'n', value: '12345678901234567890.5' },
      { name: 'text', value: "'; drop table x; -- :day" },
      { name: 'null', value: 'null' },
    ];
    const sql = "select :day::date + 1, :n::numeric, :text, :null, 1 where :day::date > date '2024-01-01'";
    expect(await local.rows(sql, { Parameters })).toEqual([
      ['2024-02-29', '12345678901234567890.5', "'; drop table x; -- :day", 'null', 1],
    ]);
  });

  it('of a parameter that is missing or given twice are refused', async () => {
    const a = { name: 'a', value: '1' };
    await expect(local.run('select :a, :b', { Parameters: [a] })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(local.run('select :a', { Parameters: [a, a] })).rejects.toMatchObject({ name: 'ValidationException' });
    expect(await local.run('select :a')).toMatchObject({ Status: 'FAILED', QueryString: 'select :a' });
  });

  it('of a batch are shared, and each is used by some member', async () => {
    const batch = (Parameters: { name: string; value: string }[]) =>
      local.client.send(
        new BatchExecuteStatementCommand({
          ...local.place,
          Sqls: ['select :a', 'select :b, :a'],
          Parameters,
          WaitTimeSeconds: 10,
        }),
      );
    const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name, value: name })) as [Given, Given, Given];
    const { Id } = await batch([a, b]);
    expect(await local.client.send(new DescribeStatementCommand({ Id }))).toMatchObject({
      Status: 'FINISHED',
      QueryParameters: [a, b],
      SubStatements: [{ QueryString: 'select :a' }, { QueryString: 'select :b, :a' }],
    });
    await expect(batch([a, b, c])).rejects.toMatchObject({
      message: 'Parameters list contains unused parameters. Unused parameters: [c]',
    });
  });
});

type Given = { name: string; value: string };

describe('a result above the limit', () => {
  it('fails the statement, ends it, and leaves the session usable', async () => {
    const { SessionId } = await local.run('select 1', { SessionKeepAliveSeconds: 60 });
    const sql = "select repeat('x', 1000) from generate_series(1, 3000) a, generate_series(1, 3000) b";
    expect(await local.run(sql, { SessionId })).toMatchObject({
      Status: 'FAILED',
      Error: 'ERROR: database response exceeded size limit',
    });
    expect(await local.rows('select 2', { SessionId })).toEqual([[2]]);
  });
});

describe('CSV', () => {
  it('of no rows is the header', async () => {
    const { Id } = await local.run('select 1 as a where false', { ResultFormat: 'CSV' });
    const { Records, TotalNumRows } = await local.client.send(new GetStatementResultV2Command({ Id }));
    expect({ Records, TotalNumRows }).toEqual({ Records: [{ CSVRecords: 'a\r\n' }], TotalNumRows: 0 });
  });
});

describe('several statements in one text', () => {
  it('run when that is allowed, and the last result counts', async () => {
    const allowing = await openLocal({ allowMultipleStatements: true });
    try {
      const sql = 'create temp table two as select 1 as a; select a from two; select a + 1 from two;';
      expect(await allowing.rows(sql)).toEqual([[2]]);
      const { Id } = await allowing.client.send(
        new ExecuteStatementCommand({ ...allowing.place, Sql: 'select 1; select 1/0', WaitTimeSeconds: 10 }),
      );
      expect((await allowing.client.send(new DescribeStatementCommand({ Id }))).Error).toContain('division by zero');
    } finally {
      await allowing.stop();
    }
  });

  it('are none when there is nothing but comments', async () => {
    for (const sql of ['-- nothing', ';', ' /* still nothing */ ; ; ']) {
      await expect(local.run(sql)).rejects.toMatchObject({ name: 'ValidationException' });
    }
    expect(await local.rows("select ';' ; ")).toEqual([[';']]);
  });
});
