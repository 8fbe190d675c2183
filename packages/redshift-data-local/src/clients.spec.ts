import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { run } from './command.fixture.ts';
import { openLocal } from './local.fixture.ts';
import type { Local } from './local.fixture.ts';

jest.setTimeout(180_000);

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'cli',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};
const runs = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const hasAws = runs('aws', '--version');
const hasBoto3 = runs('python3', '-c', 'import boto3');

let local: Local;

beforeAll(async () => {
  local = await openLocal();
});

afterAll(() => local.stop());

async function aws(...args: string[]): Promise<Record<string, unknown>> {
  const all = ['redshift-data', '--endpoint-url', local.server.url, '--output', 'json', ...args];
  const { exitCode, stdout, stderr } = await run('aws', all, CREDENTIALS);
  if (exitCode !== 0) throw new Error(`${exitCode} ${stderr}`);
  return JSON.parse(stdout.replaceAll(/: (\d{16,})/g, ': "$1"')) as Record<string, unknown>;
}

async function untilFinished(Id: string): Promise<Record<string, unknown>> {
  for (;;) {
    const described = await aws('describe-statement', '--id', Id);
    if (described['Status'] === 'FINISHED') return described;
    if (['FAILED', 'ABORTED'].includes(String(described['Status']))) throw new Error(String(described['Error']));
  }
}

// reason: the AWS CLI is no npm package; where it is not installed, the count of skipped tests says so.
(hasAws ? describe : describe.skip)('the AWS CLI [optional: needs aws]', () => {
  const place = () => ['--cluster-identifier', 'main', '--database', local.database, '--db-user', 'ann'];

  it('executes, describes and fetches, with parameters and every digit', async () => {
    const sql = 'select 9223372036854775807::bigint as big, :t as t';
    const { Id } = await aws('execute-statement', ...place(), '--sql', sql, '--parameters', 'name=t,value=x');
    expect(await untilFinished(String(Id))).toMatchObject({ QueryString: sql, HasResultSet: true });
    const { Records } = await aws('get-statement-result', '--id', String(Id));
    expect(Records).toEqual([[{ longValue: '9223372036854775807' }, { stringValue: 'x' }]]);
  });

  it('keeps a session, runs batches, and gets CSV', async () => {
    const opening = ['--sql', 'create temp table t as select 1 as a', '--session-keep-alive-seconds', '60'];
    const { Id, SessionId } = await aws('execute-statement', ...place(), ...opening);
    await untilFinished(String(Id));
    const inSession = ['--session-id', String(SessionId), '--sql', 'select a from t', '--result-format', 'CSV'];
    const second = await aws('execute-statement', ...inSession);
    await untilFinished(String(second['Id']));
    const { Records } = await aws('get-statement-result-v2', '--id', String(second['Id']));
    expect(Records).toEqual([{ CSVRecords: 'a\r\n1\r\n' }]);
    const batch = await aws('batch-execute-statement', ...place(), '--sqls', 'select 1', 'select 2');
    expect((await untilFinished(String(batch['Id'])))['SubStatements']).toHaveLength(2);
    expect((await aws('list-statements', '--status', 'ALL'))['Statements']).not.toEqual([]);
  });

  it('cancels, and lists what is in the database', async () => {
    const { Id } = await aws('execute-statement', ...place(), '--sql', 'select pg_sleep(600)');
    expect(await aws('cancel-statement', '--id', String(Id))).toEqual({ Status: true });
    expect((await aws('list-databases', ...place()))['Databases']).toContain(local.database);
    expect((await aws('list-schemas', ...place()))['Schemas']).toContain('public');
    expect((await aws('list-tables', ...place(), '--table-pattern', 'pg_class'))['Tables']).toHaveLength(1);
    const described = await aws('describe-table', ...place(), '--schema', 'pg_catalog', '--table', 'pg_class');
    expect(described['TableName']).toBe('pg_class');
  });

  it('prints errors by name and ends with 254 or 255', async () => {
    const lost = aws('describe-statement', '--id', '00000000-0000-4000-8000-000000000000');
    await expect(lost).rejects.toThrow(/^25[45] [\s\S]*\(ResourceNotFoundException\)[\s\S]*Query does not exist\./);
  });

  it('reads the endpoint from the environment', async () => {
    const args = ['redshift-data', 'list-statements'];
    const env = { ...CREDENTIALS, AWS_ENDPOINT_URL_REDSHIFT_DATA: local.server.url };
    expect(await run('aws', args, env)).toMatchObject({ exitCode: 0 });
  });
});

const PYTHON = `
import boto3, json, os, sys
database = sys.argv[1]
client = boto3.client('redshift-data')
def wait(id):
    while True:
        described = client.describe_statement(Id=id)
        if described['Status'] in ('FINISHED', 'FAILED', 'ABORTED'): return described
first = client.execute_statement(WorkgroupName='work', Database=database, Sql='select 9007199254740993::bigint as big, :t as t',
    Parameters=[{'name': 't', 'value': 'x'}], SessionKeepAliveSeconds=60)
wait(first['Id'])
rows = client.get_statement_result(Id=first['Id'])['Records']
second = client.execute_statement(SessionId=first['SessionId'], Sql='select pg_sleep(600)')
try:
    client.execute_statement(SessionId=first['SessionId'], Sql='select 1')
except client.exceptions.ValidationException as error:
    busy = error.response['Error']['Message']
cancelled = client.cancel_statement(Id=second['Id'])['Status']
batch = client.batch_execute_statement(WorkgroupName='work', Database=database, Sqls=['select 1', 'select 2'])
subs = [one['Status'] for one in wait(batch['Id'])['SubStatements']]
many = client.execute_statement(WorkgroupName='work', Database=database, Sql='select g from generate_series(1, 2500) g')
wait(many['Id'])
paged = sum(len(page['Records']) for page in client.get_paginator('get_statement_result').paginate(Id=many['Id']))
try:
    client.describe_statement(Id='00000000-0000-4000-8000-000000000000')
except client.exceptions.ResourceNotFoundException as error:
    unknown = error.response['Error']['Code']
tables = client.list_tables(WorkgroupName='work', Database=database, TablePattern='pg_class')['Tables']
print(json.dumps([str(rows[0][0]['longValue']), rows[0][1]['stringValue'], second['Id'] != first['Id'], busy, cancelled,
    wait(second['Id'])['Status'], subs, paged, unknown, tables[0]['type'], first['CreatedAt'].year >= 2024]))
`;

// reason: boto3 is no npm package; where it is not installed, the count of skipped tests says so.
(hasBoto3 ? describe : describe.skip)('boto3 [optional: needs python3 with boto3]', () => {
  it('does the same', async () => {
    const env = { ...CREDENTIALS, AWS_ENDPOINT_URL_REDSHIFT_DATA: local.server.url };
    const { stdout, stderr } = await run('python3', ['-c', PYTHON, local.database], env);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([
      ...['9007199254740993', 'x', true, 'Session is not available', true, 'ABORTED'],
      ...[['FINISHED', 'FINISHED'], 2500, 'ResourceNotFoundException', 'SYSTEM TABLE', true],
    ]);
  });
});
