import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRedshiftDataLocal } from '@mooring/redshift-data-local';
import type { RedshiftDataLocal } from '@mooring/redshift-data-local';
import { buildProjects, runProgram, startService, testPostgres } from '@mooring/services';
import type { ServiceProcess, TestPostgres } from '@mooring/services';
import { run } from './run.ts';
import { runLine } from './run.fixture.ts';
import { capturedStreams } from './terminal/streams.fixture.ts';

const ROOT_PASSWORD = 'anchors aweigh, my boys';
const SECOND_PASSWORD = 'belay that last order, sailor';
const READY = { readyPath: '/health/ready' };

let postgres: TestPostgres;
let local: RedshiftDataLocal;
let auth: ServiceProcess;
let queries: ServiceProcess;
/** With the token of the first administrator. */
let env: Record<string, string>;
let store: Record<string, string>;
let at: string;

beforeAll(async () => {
  await buildProjects('apps/mooring-cli');
  postgres = await testPostgres();
  const [database, warehouse] = [await postgres.createDatabase(), await postgres.createDatabase()];
  local = await startRedshiftDataLocal({ postgresUrl: warehouse });
  store = { DATABASE_URL: database, MOORING_DATABASE_POOL_SIZE: '3' };
  const token = 'token-of-root-of-harbour-1f3a';
  [auth, queries] = await Promise.all([
    startService({
      script: 'apps/auth-api/dist/main.js',
      env: {
        ...store,
        MOORING_FIRST_ADMIN: `harbour/root:${ROOT_PASSWORD}`,
        MOORING_PASSWORD_MEMORY_KIB: '256',
        MOORING_PASSWORD_PASSES: '1',
      },
      ...READY,
    }),
    startService({
      script: 'apps/query-api/dist/main.js',
      env: {
        ...store,
        MOORING_API_TOKENS: `${token}=harbour/root`,
        MOORING_WAREHOUSE_CLUSTER: 'main',
        MOORING_WAREHOUSE_DATABASE: new URL(warehouse).pathname.slice(1),
        MOORING_WAREHOUSE_QUOTA_PERCENT: '10000',
        AWS_ENDPOINT_URL_REDSHIFT_DATA: local.url,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
      },
      ...READY,
    }),
  ]);
  env = { MOORING_TOKEN: token };
  at = `--url ${queries.url} --auth-url ${auth.url}`;
}, 60_000);

afterAll(async () => {
  await Promise.all([auth?.stop(), queries?.stop()]);
  await local?.close();
  await postgres?.stop();
});

const login = (username: string, password: string): Promise<Response> =>
  fetch(`${auth.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });

async function tokenOf(username: string, password: string): Promise<string> {
  const { token } = (await (await login(username, password)).json()) as { token: string };
  return token;
}

const query = (sql: string, words = '', given = env) =>
  runLine(['query', ...`${at} ${words}`.split(' ').filter(Boolean), sql], given);

describe('query', () => {
  it('shows a table, exact values, and NULL', async () => {
    const { code, output, errors } = await query(
      "select 9007199254740993::bigint as big, null as nothing, 'SEA' as text",
    );
    expect([code, errors]).toEqual([0, '']);
    expect(output).toBe('big               nothing  text\n9007199254740993  NULL     SEA\n(1 row)\n');
  });

  it('prints JSON and CSV, and passes parameters as values', async () => {
    const asked = await query("select :name as name, '' as none, null as nothing", '--json --param name=x');
    expect(asked.json).toMatchObject({
      results: [
        {
          columns: [{ name: 'name' }, { name: 'none' }, { name: 'nothing' }],
          rows: [['x', '', null]],
          truncated: false,
        },
      ],
    });
    const csv = await runLine(
      ['query', ...at.split(' '), '--csv', '--param', 'name=a "b", c', 'select :name as name, 1 as n'],
      env,
    );
    expect(csv.output).toBe('name,n\r\n"a ""b"", c",1\r\n');
  });

  it('reads page after page, up to as many rows as are asked for', async () => {
    const sql = 'select * from generate_series(1, 2500) as n';
    const all = await query(sql, '--max-rows 9999 --json');
    expect((all.json['results'] as { rows: number[][] }[])[0]?.rows.map(([n]) => n)).toEqual(
      Array.from({ length: 2500 }, (_, index) => index + 1),
    );
    expect((await query(sql, '--max-rows 1500')).errors).toBe(
      'There are more than these 1,500 rows: --max-rows shows more of them.\n',
    );
  });

  it('takes a statement from the input, and shows progress at a terminal alone', async () => {
    const piped = await runLine(`query ${at}`, env, { typed: 'select 42 as answer' });
    expect(piped).toMatchObject({ code: 0, output: expect.stringContaining('42'), errors: '' });
    const streams = capturedStreams({ isTTY: true });
    const signal = new AbortController().signal;
    const words = ['query', ...at.split(' '), 'select pg_sleep(1.2)'];
    expect(await run(words, env, { streams, signal })).toBe(0);
    expect(streams.errors.text).toMatch(/(queued|running) … \d+ s/);
  });

  it('fails with what the engine said', async () => {
    expect(await query('select nonsense from nowhere', '--json')).toMatchObject({
      code: 1,
      json: { error: { code: 'statement_failed', message: expect.stringContaining('nowhere') } },
    });
    expect(await query('select 1', '', { MOORING_TOKEN: 'a-wrong-token-of-nobody' })).toMatchObject({
      code: 1,
      errors: expect.stringContaining('Remedy: log in again, or set MOORING_TOKEN'),
    });
    expect(await query('select 1', '--json', {})).toMatchObject({ code: 2, json: { error: { code: 'no_token' } } });
    expect(await runLine(['query', '--url', 'http://127.0.0.1:1', '--json', 'select 1'], env)).toMatchObject({
      code: 1,
      json: { error: { code: 'service_unreachable' } },
    });
  });

  it.each(['', '--engine'])('at the auth API says which address is wrong, and what says another: %s', async (words) => {
    expect(await runLine(`query --url ${auth.url} ${words} --json sql`, env)).toMatchObject({
      code: 1,
      json: {
        error: {
          code: 'wrong_service',
          message: expect.stringContaining(`${auth.url} is not the address of the query API`),
          remedy: 'give the address of the query API with --url',
        },
      },
    });
  });

  it('is cancelled by its signal, at the warehouse too', async () => {
    const stop = new AbortController();
    const streams = capturedStreams({ isTTY: true });
    const words = ['query', ...at.split(' '), 'select pg_sleep(600)'];
    const ending = run(words, env, { streams, signal: stop.signal });
    while (!streams.errors.text.includes(' … ')) await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort();
    expect(await ending).toBe(1);
    expect(streams.errors.text).toMatch(/cancelled|canceling/);
    while (local.stats().statementsRunning > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('runs statements on the engine', async () => {
    const root = { MOORING_TOKEN: await tokenOf('root', ROOT_PASSWORD) };
    expect((await query('create namespace sales; use namespace sales', '--engine', root)).code).toBe(0);
    expect(
      await query('select $1::varchar as b, array[1, 2] as list', '--namespace sales --param hey --json', root),
    ).toMatchObject({
      code: 0,
      json: { results: [{ columns: [{ name: 'b' }, { name: 'list' }], rows: [['hey', [1, 2]]] }] },
    });
    const both = await query("select 1 as a; select 'x' as b", '--namespace sales', root);
    expect(both.output).toBe('a\n1\n(1 row)\n\nb\nx\n(1 row)\n');
    expect(await query('select wrong', '--namespace sales --json', root)).toMatchObject({
      code: 1,
      json: { error: { message: expect.stringMatching(/line 1/) } },
    });
    expect((await query('select * from typo', '--namespace sales', root)).errors).toMatch(
      /^there is no table sales\.typo .*\nRemedy: SHOW NAMESPACES, SHOW TABLES and /,
    );
    await runLine('sessions revoke --tenant harbour --all-of-tenant', store);
  });

  it('logs in at a terminal, shows no password, and logs out', async () => {
    const streams = capturedStreams({ isTTY: true });
    const answers = ['root', ROOT_PASSWORD];
    const errors = streams.errors as { write: (text: string) => void };
    const write = errors.write.bind(errors);
    errors.write = (text) => {
      write(text);
      if (/^(User|Password): $/.test(text)) setImmediate(() => streams.input.write(`${answers.shift()}\n`));
    };
    const words = ['query', ...at.split(' '), 'select 1 as n'];
    expect(await run(words, {}, { streams, signal: new AbortController().signal })).toBe(0);
    expect(streams.output.text).toBe('n\n1\n(1 row)\n');
    expect(streams.errors.text).not.toContain(ROOT_PASSWORD);
    const listed = await runLine('sessions list --tenant harbour --json', store);
    expect(listed.json['sessions']).toEqual([]);
  });
});

describe('users', () => {
  let admin: Record<string, string>;

  const users = (words: string, typed = '') =>
    runLine([...`users ${words} --url ${auth.url}`.split(' ').filter(Boolean), '--json'], admin, { typed });
  beforeAll(async () => {
    admin = { MOORING_TOKEN: await tokenOf('root', ROOT_PASSWORD) };
  });

  it('are made, listed, changed and shut out, by name or id', async () => {
    const created = await users('create ann --tenant acme --role user', `${ROOT_PASSWORD} too\n`);
    expect(created).toMatchObject({ code: 0, json: { user: { username: 'ann', tenantId: 'acme', role: 'user' } } });
    const { id } = created.json['user'] as { id: string };
    expect((await login('ann', `${ROOT_PASSWORD} too`)).status).toBe(200);
    expect((await users('list --tenant acme')).json).toMatchObject({ users: [{ id }] });
    expect((await users('role ANN dba')).json).toMatchObject({ user: { id, role: 'dba' } });
    expect((await runLine('sessions list --tenant acme --json', store)).json['sessions']).toEqual([]);
    expect((await users(`disable ${id}`)).json).toMatchObject({ user: { disabled: true } });
    expect((await login('ann', `${ROOT_PASSWORD} too`)).status).toBe(401);
    expect((await users('enable ann')).json).toMatchObject({ user: { disabled: false } });
    expect(await users('password ann', `${SECOND_PASSWORD}\n`)).toMatchObject({ code: 0 });
    expect((await users('unlock ann --address 127.0.0.1')).json).toEqual({ id, address: '127.0.0.1' });
    expect((await login('ann', SECOND_PASSWORD)).status).toBe(200);
    const shown = await runLine(`users list --url ${auth.url}`, admin);
    expect(shown.output).toMatch(/^name +tenant +role +disabled +id\nann +acme +dba +no +[0-9a-f-]{36}\nroot /);
  });

  it('that are not there, or may not be, are refused with the words of the service', async () => {
    expect(await users('disable nobody')).toMatchObject({ code: 1, json: { error: { code: 'user_not_found' } } });
    const short = await users('create bob --tenant acme', 'short\n');
    expect(short).toMatchObject({
      code: 1,
      json: { error: { message: expect.stringContaining('at least 15 characters') } },
    });
    expect(short.output).not.toContain('short\n');
  });

  it('are not looked for at the query API, nor at what is no service', async () => {
    const remedy = 'give the address of the auth API with --url';
    const wrong = { code: 1, json: { error: { code: 'wrong_service', remedy } } };
    expect(await runLine(`users list --url ${queries.url} --json`, env)).toMatchObject(wrong);
    for (const status of [200, 404]) {
      const page = createServer((_, response) => response.writeHead(status).end('<html></html>'));
      await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
      const { port } = page.address() as AddressInfo;
      expect(await runLine(`users list --url http://127.0.0.1:${port} --json`, admin)).toMatchObject(wrong);
      page.closeAllConnections();
      page.close();
    }
  });
});

describe('the program', () => {
  it('runs as a process: one document, an exit code, and Ctrl-C cancels', async () => {
    const script = 'apps/mooring-cli/bin/mooring.mjs';
    const args = ['query', '--json', ...at.split(' '), 'select pg_sleep(600)'];
    const querying = runProgram({ script, args, env });
    while (local.stats().statementsRunning === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    querying.signal('SIGINT');
    expect(await querying.exited).toBe(1);
    expect(JSON.parse(querying.output())).toEqual({
      error: { code: expect.stringContaining('cancel'), message: expect.stringContaining('cancel') },
    });
    while (local.stats().statementsRunning > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });
});
