import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListSessionsCommand,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { openLocal } from './local.fixture.ts';
import { Input } from './input.ts';
import type { Local } from './local.fixture.ts';
import { placeOf } from './place.ts';
import { principalOf } from './principal.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:etl-a1b2c3';

let local: Local;

beforeAll(async () => {
  local = await openLocal({
    principals: {
      one: { account: '111111111111', role: 'analyst', dbGroups: ['readers'] },
      two: { account: '111111111111', role: 'analyst', userId: 'AROA:two' },
      other: { account: '222222222222', role: 'analyst' },
    },
    targets: ['main', 'work'],
    secrets: { [`${SECRET}-mapped`]: 'mapped', 'arn:empty': '' },
    limits: { maxSessions: 2 },
  });
});

afterAll(() => local.stop());

const admin = async (...statements: string[]): Promise<void> => {
  const client = new Client({ connectionString: local.postgresUrl });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
};
const userOf = async (more: object) => {
  const client = local.clientOf('one');
  const place = { ClusterIdentifier: 'main', Database: local.database, ...more };
  const { Id } = await client.send(
    new ExecuteStatementCommand({ ...place, Sql: 'select current_user', WaitTimeSeconds: 10 }),
  );
  const { Records } = await client.send(new GetStatementResultCommand({ Id }));
  return Records?.[0]?.[0]?.stringValue;
};

describe('the role of a caller', () => {
  it('owns statements and sessions, whichever access key it uses', async () => {
    const [one, two, other] = ['one', 'two', 'other'].map((key) => local.clientOf(key)) as [Owner, Owner, Owner];
    const { Id, SessionId, DbGroups } = await one.send(
      new ExecuteStatementCommand({
        ...{ ...local.place, Sql: 'select 1', SessionKeepAliveSeconds: 60 },
        ...{ StatementName: 'owned', WaitTimeSeconds: 10 },
      }),
    );
    expect(DbGroups).toEqual(['readers']);
    expect((await two.send(new DescribeStatementCommand({ Id }))).Status).toBe('FINISHED');
    await expect(other.send(new DescribeStatementCommand({ Id }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(other.send(new ExecuteStatementCommand({ SessionId, Sql: 'select 1' }))).rejects.toMatchObject({
      message: `Session with Id: ${SessionId} is invalid`,
    });
    const reused = await two.send(new ExecuteStatementCommand({ SessionId, Sql: 'select 1', WaitTimeSeconds: 10 }));
    expect(reused).toMatchObject({ SessionId, Database: local.database, DbUser: 'ann' });
    const counts = async (RoleLevel: boolean) => [
      (await two.send(new ListStatementsCommand({ StatementName: 'owned', RoleLevel }))).Statements?.length,
      (await two.send(new ListSessionsCommand({ RoleLevel }))).Sessions?.length,
    ];
    expect(await counts(true)).toEqual([1, 1]);
    expect(await counts(false)).toEqual([0, 0]);
    local.server.loseSession(SessionId ?? '');
  });

  it('has an account with quotas of its own', async () => {
    local.server.faults.throttle({ ListStatements: 1 });
    const list = (key: string) => local.clientOf(key).send(new ListStatementsCommand({}));
    await list('one');
    await expect(list('two')).rejects.toMatchObject({ name: 'ThrottlingException' });
    await list('other');
    local.server.faults.throttle('off');
  });
});

type Owner = ReturnType<Local['clientOf']>;

describe('the database user', () => {
  it('is the one named, that of the secret, or that of the role', async () => {
    expect(await userOf({ DbUser: 'ann' })).toBe('ann');
    expect(await userOf({})).toBe('IAMR:analyst');
    expect(await userOf({ ClusterIdentifier: undefined, WorkgroupName: 'work', DbUser: 'ann' })).toBe('IAMR:analyst');
    expect(await local.rows('select current_user', { DbUser: 'bob' })).toEqual([['bob']]);
    const asSecret = { ...local.place, DbUser: undefined };
    expect(await local.rows('select current_user', { ...asSecret, SecretArn: SECRET })).toEqual([['etl']]);
    expect(await local.rows('select current_user', { ...asSecret, SecretArn: `${SECRET}-mapped` })).toEqual([
      ['mapped'],
    ]);
    await expect(local.run('select 1', { ...asSecret, SecretArn: 'arn:empty' })).rejects.toMatchObject({
      message: 'username and password in secret cannot be empty',
    });
  });

  it('stays who it is when it exists already, and reads what others made when it does not', async () => {
    const [granted, fresh] = [`existing_${local.database}`, `fresh_${local.database}`];
    await admin(`create role ${granted} login`, 'create table of_admin as select 5 as a');
    expect((await local.run('select a from of_admin', { DbUser: granted })).Error).toContain('permission denied');
    expect(await local.rows('select a from of_admin', { DbUser: fresh })).toEqual([[5]]);
    expect((await local.run('delete from of_admin', { DbUser: fresh })).Error).toContain('permission denied');
    await admin(`drop role ${granted}`);
  });

  it('is no superuser, and can be told not to be created', async () => {
    const [[superuser]] = (await local.rows('select rolname from pg_roles where rolsuper order by oid limit 1')) as [
      [string],
    ];
    expect(await local.run('select 1', { DbUser: superuser })).toMatchObject({
      Status: 'FAILED',
      Error: `ERROR: password authentication failed for user "${superuser}"`,
    });
    const closed = await openLocal({ createUsers: false, readAllData: false });
    expect(await closed.run('select 1', { DbUser: `nobody_${local.database}` })).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringContaining('password authentication failed'),
    });
    await closed.stop();
  });

  it('that fails to log in fails every member of a batch, and says so in the batch', async () => {
    const { Id } = await local.client.send(
      new BatchExecuteStatementCommand({
        ...local.place,
        Database: 'no_such_database',
        Sqls: ['select 1', 'select 2'],
      }),
    );
    const described = await local.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }));
    expect(described).toMatchObject({ Status: 'FAILED', Error: 'ERROR: database "no_such_database" does not exist' });
    expect(described.SubStatements?.map(({ Status }) => Status)).toEqual(['ABORTED', 'ABORTED']);
  });
});

describe('a target', () => {
  it('that does not exist is refused', async () => {
    await expect(local.run('select 1', { ClusterIdentifier: 'elsewhere' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Redshift endpoint doesn't exist in this region.",
    });
  });
});

describe('names that all objects have', () => {
  const authorization = 'AWS4-HMAC-SHA256 Credential=constructor/20260101/us-east-1/redshift-data/aws4_request';

  it('are no keys that are known', () => {
    const rules = { principals: { ann: { role: 'reader' } }, requireSignature: true };
    expect(() => principalOf({ authorization }, rules)).toThrow(
      'The security token included in the request is invalid.',
    );
  });

  it('are names of secrets like others', () => {
    const input = new Input({ ClusterIdentifier: 'main', Database: 'dev', SecretArn: 'constructor' });
    expect(placeOf(input, principalOf({ authorization }, {}), { secrets: {} }).role).toBe('constructor');
  });
});
