import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStore } from '@mooring/nest-session-store';
import { startRedshiftDataLocal } from '@mooring/redshift-data-local';
import type { RedshiftDataLocal } from '@mooring/redshift-data-local';
import { AwsDataApi, CallRate, createDataApiClient } from '@mooring/redshift-sessions';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import { newSessionId, systemClock } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { countDue, createSessions } from '@mooring/session-store-testkit';
import { Client } from 'pg';
import { runLine } from './run.fixture.ts';

interface Swept {
  readonly namespace: string;
  readonly targets: readonly { readonly target: string }[];
}

const quiet = { log: () => undefined, warn: () => undefined };
const VERIFIER = 'v'.repeat(43);
const bin = fileURLToPath(new URL('../bin/mooring.mjs', import.meta.url));

let postgres: TestPostgres;
let database: string;
let env: Record<string, string>;
const opened: StoreBackend[] = [];

beforeAll(async () => {
  postgres = await testPostgres();
  database = await postgres.createDatabase();
  env = { DATABASE_URL: database };
});

afterAll(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await postgres?.stop();
});

async function open(namespace: string): Promise<StoreBackend> {
  const { backend } = await openStore({ namespace, database: { url: database, poolSize: 2 } }, quiet);
  opened.push(backend);
  return backend;
}

describe('migrate', () => {
  it('says what is behind, brings it up to date, and is content then', async () => {
    const url = await postgres.createDatabase();
    const line = (words: string) => runLine(words, { DATABASE_URL: url });
    const behind = [
      { schema: 'sessions', found: 0, wanted: 9 },
      { schema: 'users', found: 0, wanted: 1 },
      { schema: 'catalog', found: 0, wanted: 1 },
    ];
    expect((await line('migrate --dry-run --json')).json).toEqual({ dryRun: true, behind });
    expect(await line('sessions list --tenant acme --json')).toMatchObject({
      code: 1,
      json: { error: { code: 'store_misconfigured', message: expect.stringContaining('run the migrations') } },
    });
    expect((await line('migrate --json')).json).toEqual({ dryRun: false, migrated: behind });
    expect((await line('migrate')).output).toBe('All schemas are up to date.\n');
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query('drop table mooring_users, mooring_user_migrations');
    await client.end();
    expect(await line('migrate')).toMatchObject({
      code: 0,
      output: 'schema  was at  is at\nusers        0      1\n',
    });
  });
});

describe('sessions', () => {
  let store: StoreBackend;
  const ids: string[] = [];

  beforeAll(async () => {
    store = await open('auth');
    for (const subjectId of ['ann', 'ann', 'bob', 'bob', 'bob']) {
      const owner = { tenantId: 'acme', subjectId };
      const id = newSessionId(owner);
      ids.push(id);
      const data = { address: '203.0.113.7' };
      await store.sessions.create({
        ...owner,
        id,
        data,
        idleTimeoutMs: 60_000,
        lifetimeMs: 90_000,
        verifier: VERIFIER,
      });
    }
  });

  const left = async (): Promise<number> =>
    ((await runLine('sessions list --tenant acme --json', env)).json['sessions'] as unknown[]).length;

  it('lists them with ids for other commands, and neither verifiers nor data', async () => {
    const listed = await runLine('sessions list --tenant acme --user ann --json', env);
    expect(listed.json).toMatchObject({
      sessions: [{ userId: 'ann', tenantId: 'acme' }, { userId: 'ann' }],
      more: false,
    });
    const shown = await runLine('sessions list --tenant acme', env);
    for (const id of ids) expect(shown.output).toContain(id);
    expect(listed.output + shown.output).not.toMatch(/vvvv|203\.0\.113/);
    expect(await runLine('sessions list --tenant acme --limit 2', env)).toMatchObject({
      code: 0,
      errors: 'There are more: --limit 20 shows more of them.\n',
    });
  });

  it('ends named ones, those of a user, or of a tenant; a dry run ends none', async () => {
    const [first = '', second = ''] = ids;
    const strange = newSessionId({ tenantId: 'acme', subjectId: 'ann' });
    expect(await runLine('sessions revoke short --tenant acme', env)).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/^Number 1 of the ids is not .*\nRemedy: npx mooring sessions list shows/),
    });
    expect(await runLine('sessions revoke --tenant acme --user Ann', env)).toMatchObject({
      code: 0,
      output: 'Ended 0 sessions.\n',
      errors: expect.stringContaining('--user takes the id of a user, as npx mooring users list shows it'),
    });
    expect((await runLine('sessions list --tenant nobody', env)).errors).toContain(
      'no live session of the tenant nobody',
    );
    expect(await runLine(`sessions revoke ${first} ${strange} --tenant acme`, env)).toMatchObject({
      code: 1,
      output: 'Ended 1 session.\n',
      errors: `Not found: ${strange}\n`,
    });
    expect((await store.sessions.get({ tenantId: 'acme', id: first })).ok).toBe(false);
    expect((await runLine('sessions revoke --tenant acme --all-of-tenant --dry-run', env)).output).toBe(
      '4 sessions would be ended.\n',
    );
    expect(await left()).toBe(4);
    expect((await runLine('sessions revoke --tenant acme --user bob --json', env)).json).toEqual({
      tenantId: 'acme',
      dryRun: false,
      revoked: 3,
      notFound: [],
      aborted: false,
    });
    expect((await store.sessions.get({ tenantId: 'acme', id: second })).ok).toBe(true);
    expect((await runLine('sessions revoke --tenant acme --all-of-tenant', env)).output).toBe('Ended 1 session.\n');
    expect(await left()).toBe(0);
  });

  it.each(['--all-of-tenant --user ann', '', 'x --user ann'])('does not guess what %j means', async (words) => {
    expect(await runLine(`sessions revoke --tenant acme --json ${words}`, env)).toMatchObject({
      code: 2,
      json: { error: { code: 'wrong_usage' } },
    });
  });
});

describe('sweep', () => {
  it('counts, sweeps, and says what it did', async () => {
    const store = await open('carts');
    await createSessions(store, 25, 1);
    const counted = await runLine('sweep --namespace carts --dry-run --json', env);
    expect(counted).toMatchObject({ code: 0, json: { dryRun: true, deleted: 25, sweeps: [{ namespace: 'carts' }] } });
    expect(await countDue(store)).toBe(25);
    const swept = await runLine('sweep --namespace carts', env, { isTTY: true });
    expect(swept.output).toMatch(/^namespace +what +deleted +ended\ncarts +sessions +25 +drained\n/);
    expect(swept.errors).toContain('carts … sessions, 25 deleted');
    expect(await countDue(store)).toBe(0);
  });

  it('is as gentle as the worker, by the same variables', async () => {
    const store = await open('gentle');
    await createSessions(store, 7, 1);
    const swept = await runLine('sweep --json', {
      ...env,
      MOORING_SWEEP_NAMESPACES: 'gentle',
      MOORING_SWEEP_BATCH_SIZE: '3',
    });
    const [{ namespace, targets } = { namespace: '', targets: [] }, ...others] = swept.json['sweeps'] as Swept[];
    expect(targets.find(({ target }) => target === 'sessions')).toMatchObject({ deleted: 7, batches: 3 });
    expect([namespace, others.map((other) => other.namespace)]).toEqual(['gentle', ['tasks']]);
    expect(await runLine('sweep', { ...env, MOORING_SWEEP_PAUSE_MS: 'long' })).toMatchObject({
      code: 2,
      errors: expect.stringContaining('MOORING_SWEEP_PAUSE_MS'),
    });
  });

  it('is stopped by its signal, and says so with its exit code', async () => {
    const signal = AbortSignal.abort();
    expect(await runLine('sweep --namespace carts', env, { signal })).toMatchObject({
      code: 1,
      output: expect.stringContaining('aborted'),
    });
  });

  it('does not end as a process while it waits to try again a store that is away', async () => {
    const line = [bin, 'sweep', '--namespace', 'carts'];
    const away = { env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' } };
    await expect(promisify(execFile)(process.execPath, line, away)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/carts +sessions +0 +failed/),
      stderr: expect.stringContaining('no connection to the server'),
    });
  });
});

describe('pool', () => {
  let local: RedshiftDataLocal;
  let pool: StoreBackend['pool'];
  let warehouse: Record<string, string>;
  const key = { target: 'us-east-1/cluster/main', tenantId: 'acme', identity: 'reader' };
  const lifetime = { usableForMs: 540_000, aliveForMs: 660_000 };

  beforeAll(async () => {
    const url = await postgres.createDatabase();
    local = await startRedshiftDataLocal({ postgresUrl: url });
    ({ pool } = await open('pool'));
    process.env['AWS_ACCESS_KEY_ID'] = 'local';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
    warehouse = { ...env, AWS_ENDPOINT_URL_REDSHIFT_DATA: local.url, MOORING_WAREHOUSE_CLUSTER: 'main' };
    const client = createDataApiClient({ endpoint: local.url, region: 'us-east-1' });
    const api = new AwsDataApi(client, new CallRate(systemClock, 100));
    for (const name of ['idle-1', 'idle-2', 'held']) {
      const { sessionId = '' } = await api.execute('select 1', {
        place: { ClusterIdentifier: 'main', Database: new URL(url).pathname.slice(1), DbUser: 'tenant_acme' },
        keepAliveSeconds: 600,
        statementName: name,
        clientToken: name,
        waitSeconds: 5,
      });
      const caps = { maxPerKey: 9, maxPerTarget: 9, aliveForMs: 660_000 };
      const slot = await pool.acquire({ key, holder: 'spec', leaseId: name, leaseTtlMs: 600_000, ...caps });
      if (!slot.ok) throw new Error(slot.reason);
      const lease = await pool.register(slot.value, { sessionId, ...lifetime, retireAfterMs: 3_600_000 });
      if (lease.ok && name !== 'held') idle.push(lease.value);
    }
    for (const lease of idle) await pool.release(lease, lifetime);
    client.destroy();
  });
  const idle: Parameters<StoreBackend['pool']['release']>[0][] = [];

  afterAll(() => local?.close());

  const states = async (): Promise<string[]> => {
    const { sessions } = (await runLine('pool list --json', warehouse)).json as { sessions: { state: string }[] };
    return sessions.map(({ state }) => state).sort();
  };

  it('lists the sessions that count', async () => {
    expect(await states()).toEqual(['idle', 'idle', 'leased']);
    expect((await runLine('pool list --tenant acme', warehouse)).output).toContain(idle[0]?.sessionId);
    expect((await runLine('pool list --tenant other --json', warehouse)).json).toEqual({ sessions: [] });
  });

  it('closes those that nobody holds, at the warehouse too; a dry run closes none', async () => {
    expect((await runLine('pool drain --dry-run', warehouse)).output).toBe('2 sessions would be closed; 1 in use.\n');
    expect(await states()).toEqual(['idle', 'idle', 'leased']);
    expect(await runLine('pool drain --json', warehouse)).toMatchObject({
      code: 0,
      json: { dryRun: false, closed: 2, refused: 0, inUse: 1, aborted: false },
    });
    expect(await states()).toEqual(['draining', 'draining', 'leased']);
    expect((await runLine('pool drain', warehouse)).output).toBe('Closed 0 sessions; 1 in use.\n');
  });

  it('says that there is no warehouse to ask', async () => {
    expect(await runLine('pool list --json', env)).toMatchObject({
      code: 2,
      json: { error: { code: 'no_warehouse' } },
    });
  });
});

describe('a command that can not begin', () => {
  it('names all faults of the environment at once, and no secret', async () => {
    const faulty = { DATABASE_URL: 'mysql://root:hunter22@db/x', MOORING_REDIS_TLS: 'maybe' };
    const ended = await runLine('sweep --json', faulty);
    expect(ended).toMatchObject({
      code: 2,
      json: {
        error: {
          code: 'invalid_configuration',
          faults: [{ variable: 'DATABASE_URL' }, { variable: 'MOORING_REDIS_TLS' }],
        },
      },
    });
    expect(ended.output).not.toContain('hunter22');
  });

  it.each(['doctor', 'query select', 'users list'])('says no password of a URL: %s', async (words) => {
    for (const url of ['http://root:hunter22@127.0.0.1:1', 'hunter22', 'file:///hunter22']) {
      const ended = await runLine(`${words} --json --url ${url}`, { MOORING_TOKEN: 'a-token', DATABASE_URL: database });
      expect(ended).toMatchObject({ code: 2, json: { error: { code: 'wrong_usage' } } });
      expect(ended.output + ended.errors).not.toContain('hunter22');
    }
  });

  it('says that memory is of one process', async () => {
    expect(await runLine('sweep', {})).toMatchObject({ code: 2, errors: expect.stringContaining('set DATABASE_URL') });
  });
});
