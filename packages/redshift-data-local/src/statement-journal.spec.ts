import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  ListStatementsCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openLocal } from './local.fixture.ts';
import type { Local } from './local.fixture.ts';
import { startRedshiftDataLocal } from './redshift-data-local.ts';

let folder: string;
let journal: string;
let local: Local;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  journal = join(folder, 'statements');
  local = await openLocal({ journal });
});

afterAll(async () => {
  await local?.stop();
  await rm(folder, { recursive: true });
});

it('lets a server that was killed know what it accepted, and run nothing a second time', async () => {
  await local.run('create table once (a int)');
  const call = { ...local.place, Sql: 'insert into once values (1)', ClientToken: 'token', StatementName: 'insert-1' };
  const { Id } = await local.client.send(new ExecuteStatementCommand({ ...call, WaitTimeSeconds: 30 }));
  const sleep = { ...local.place, Sql: 'select pg_sleep(600)', ClientToken: 'sleeper' };
  const sleeper = await local.client.send(new ExecuteStatementCommand(sleep));
  await appendFile(journal, '{"accepted":{"id":"cut');
  // The server before is left as it is: its successor has the file alone.
  const successor = await startRedshiftDataLocal({ postgresUrl: local.postgresUrl, journal });
  const credentials = { accessKeyId: 'tester', secretAccessKey: 'secret' };
  const client = new RedshiftDataClient({ endpoint: successor.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  expect((await client.send(new ExecuteStatementCommand(call))).Id).toBe(Id);
  const { Statements } = await client.send(new ListStatementsCommand({ StatementName: 'insert-' }));
  expect(Statements).toMatchObject([{ Id, StatementName: 'insert-1', Status: 'FINISHED' }]);
  expect(await client.send(new DescribeStatementCommand({ Id }))).toMatchObject({ ResultRows: 1, HasResultSet: false });
  expect(await local.rows('select count(*)::int from once')).toEqual([[1]]);

  expect((await client.send(new ExecuteStatementCommand(sleep))).Id).toBe(sleeper.Id);
  expect(await client.send(new DescribeStatementCommand({ Id: sleeper.Id }))).toMatchObject({
    Status: 'FAILED',
    Error: 'ERROR: the server stopped while the statement was under way',
  });
  client.destroy();
  await successor.close();
});

it('a journal that can not be written is told at the start', async () => {
  const options = { postgresUrl: local.postgresUrl, journal: join(folder, 'missing', 'statements') };
  await expect(startRedshiftDataLocal(options)).rejects.toMatchObject({ code: 'invalid_option' });
});
