import { DescribeStatementCommand, ExecuteStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { compile, runCommand, startCommand } from './command.fixture.ts';

jest.setTimeout(120_000);

let postgres: TestPostgres;

beforeAll(async () => {
  await compile();
  postgres = await testPostgres();
});

afterAll(() => postgres.stop());

describe('the command', () => {
  it('explains itself', async () => {
    const { exitCode, stdout } = await runCommand('--help');
    expect(exitCode).toBe(0);
    for (const word of ['--postgres-url', '--connect-delay-ms', '--throttle', 'AWS_ENDPOINT_URL_REDSHIFT_DATA']) {
      expect(stdout).toContain(word);
    }
  });

  it.each([['SIGINT'], ['SIGTERM']] as const)('serves until %s, and ends what runs', async (signal) => {
    const url = await postgres.createDatabase();
    const running = await startCommand('--postgres-url', url, '--connect-delay-ms', '10', '--control');
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const client = new RedshiftDataClient({ endpoint: running.url, region: 'us-east-1', credentials });
    const place = { WorkgroupName: 'work', Database: new URL(url).pathname.slice(1) };
    const { Id } = await client.send(new ExecuteStatementCommand({ ...place, Sql: 'select 1', WaitTimeSeconds: 20 }));
    expect((await client.send(new DescribeStatementCommand({ Id }))).Status).toBe('FINISHED');
    await client.send(new ExecuteStatementCommand({ ...place, Sql: 'select pg_sleep(600)', WaitTimeSeconds: 1 }));
    client.destroy();
    expect(await (await fetch(`${running.url}/health`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${running.url}/_local/stats`)).status).toBe(200);
    expect(running.stdout()).toContain(`aws redshift-data --endpoint-url ${running.url}`);
    expect(await running.stop(signal)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each([
    ['no URL', [], 'Give --postgres-url'],
    ['a URL that is none', ['--postgres-url', 'nonsense'], 'Give --postgres-url'],
    ['a PostgreSQL that is not there', ['--postgres-url', 'postgres://a:hidden@127.0.0.1:1/x'], 'does not work'],
    ['an unknown option', ['--nope'], "unknown option '--nope'"],
    ['a port that is none', ['--port', 'many'], "'--port <port>' argument 'many' is invalid"],
    ['a port out of range', ['--port', '70000'], 'port'],
    ['an unknown limit', ['--limit', 'toString=1'], '"toString" is no limit'],
    ['a rate of nothing', ['--throttle', 'Nothing=1'], '"Nothing" is no operation'],
    ['a principal without a role', ['--principal', 'AKIA=1'], 'accesskey=account/role'],
  ])('ends with one line and code 2 for %s', async (_, args, text) => {
    const url = args[0] === '--port' ? ['--postgres-url', postgres.url] : [];
    const { exitCode, stdout, stderr } = await runCommand(...args, ...url);
    expect({ exitCode, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({
      exitCode: 2,
      stdout: '',
      lines: 1,
    });
    expect(stderr).toContain(text);
    expect(stderr).not.toContain('hidden');
  });

  it('names a port that is taken', async () => {
    const url = await postgres.createDatabase();
    const running = await startCommand('--postgres-url', url);
    const port = new URL(running.url).port;
    const { exitCode, stderr } = await runCommand('--postgres-url', url, '--port', port);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(`127.0.0.1:${port}`) });
    await running.stop('SIGTERM');
  });
});
