import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { findFreePort } from '@mooring/services';
import { withClient } from './databases.ts';
import { ExampleShell, readExamples } from './example-shell.fixture.ts';
import {
  canListen,
  commandLineOf,
  compileStart,
  QueryClient,
  isAlive,
  StartProcess,
  until,
} from './start-process.fixture.ts';

jest.setTimeout(360_000);

const ALL = [
  'login',
  'me',
  'embedded',
  'warehouse',
  'routes',
  'other',
  'list',
  'stats',
  'tasks',
  'logout',
  'refused',
] as const;
const WITHOUT_WAREHOUSE = ['login', 'me', 'embedded', 'other', 'tasks', 'logout', 'refused'] as const;

describe('npm start', () => {
  let root: string;
  let ports: number[];
  let args: string[];
  let running: StartProcess;
  let shell: ExampleShell;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'mooring-start-'));
    await compileStart();
    shell = await ExampleShell.open(root);
    ports = await Promise.all(Array.from({ length: 5 }, findFreePort));
    const [port = 0, authPort = 0, workerPort = 0, warehousePort = 0, postgresPort = 0] = ports;
    args = [
      '--port',
      port,
      '--auth-port',
      authPort,
      '--worker-port',
      workerPort,
      '--warehouse-port',
      warehousePort,
      '--postgres-port',
      postgresPort,
    ].map(String);
    args.push('--data-dir', join(root, 'state'), '--flights', '20000');
  });
  afterAll(async () => {
    running?.signal('SIGTERM');
    await running?.end();
    await rm(root, { recursive: true, force: true });
  });

  /** As many as there are to be. */
  function examples<const Names extends readonly string[]>(names: Names): Record<Names[number], string> {
    const printed = readExamples(running.output);
    expect(printed).toHaveLength(names.length);
    return Object.fromEntries(names.map((name, index) => [name, printed[index]])) as Record<Names[number], string>;
  }

  async function asAdmin(...statements: string[]): Promise<void> {
    await withClient(`postgres://postgres@127.0.0.1:${ports[4]}/dev`, async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  }

  async function expectNothingLeft(pids: readonly number[]): Promise<void> {
    try {
      await until('the end of all processes', () => !pids.some(isAlive));
    } finally {
      for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
    }
    expect(await Promise.all(ports.map(canListen))).toEqual([true, true, true, true, true]);
  }

  it('loads the data and prints requests that work as printed, the second on the session of the first', async () => {
    running = await new StartProcess(args).up();
    expect(running.output).toMatch(/20,000 flights and 3,376 airports loaded in/);
    const { login, me, embedded, warehouse, routes, other, list, stats, tasks, logout, refused } = examples(ALL);

    expect(login).toContain(`-d '{"username":"test","password":"test"}'`);
    expect(await shell.run(login)).toBe('');
    expect(await shell.json(me)).toMatchObject({ user: { username: 'test', tenantId: 'acme', role: 'dba' } });
    const destinations = await shell.rows(embedded);
    expect(destinations).toHaveLength(5);
    expect(destinations[0]).toEqual(['San Francisco', 30]);
    expect(await shell.rows(warehouse)).toEqual(destinations);
    const [first, second, ...more] = await shell.queries(routes);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ sessionReused: false });
    expect(first?.rows).toHaveLength(5);
    expect(first?.rows[0]?.[0]).toBe('Seattle');
    expect(second).toMatchObject({ sessionReused: true, rows: first?.rows });
    expect(first?.timings.submitMs).toBeGreaterThanOrEqual(250);

    expect(await shell.queries(other)).toMatchObject([
      { sessionReused: false, rows: [['tenant_globex', expect.anything()]] },
    ]);
    expect(await shell.json(stats)).toMatchObject({ sessionsOpened: 4 });
    expect((await shell.run(list)).match(/"sessionReused"/g)).toHaveLength(2);
    expect(await shell.run(tasks)).toMatch(/"name":"sweep-auth"/);
    expect(await shell.run(logout)).toBe('204\n');
    expect(await shell.json(refused)).toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(await shell.json(me)).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  it('keeps the tenants apart: each reads the data and what it made itself', async () => {
    const [acme, globex] = [await QueryClient.logIn(ports, 'test'), await QueryClient.logIn(ports, 'bob')];
    await acme.rows('create schema acme_s');
    await acme.rows('create table acme_s.t as select 42 as secret');
    await acme.rows('create table acme_notes as select 43 as secret');
    expect(await acme.rows('select secret from acme_s.t')).toEqual([[42]]);
    await expectApart(globex);
    await globex.rows('create schema globex_s');
    await globex.rows('create table globex_s.t as select count(*) as n from airports');
    expect(await globex.rows('select n from globex_s.t')).toEqual([[3376]]);
    expect(await acme.fault('select n from globex_s.t')).toMatch('permission denied for schema globex_s');
  });

  it('keeps the namespaces of the tenants apart, on both engines', async () => {
    const { login, embedded, warehouse } = examples(ALL);
    await shell.run(login);
    const acme = await QueryClient.logIn(ports, 'test');
    const globex = await QueryClient.logIn(ports, 'bob');
    const flight = "insert into flights values ('2001-01-01 00:00:00', 0, 679, 'SEA', 'SFO')";
    expect(await globex.sql('local', flight)).toMatchObject({ code: 'forbidden' });
    expect(await acme.sql('local', flight)).toMatchObject({ status: 'finished' });
    expect((await shell.rows(embedded))[0]).toEqual(['San Francisco', 31]);
    const asOther = (command: string): string => command.replace('$TOKEN', '$OTHER');
    expect((await shell.rows(asOther(embedded)))[0]).toEqual(['San Francisco', 30]);

    expect(await shell.rows(asOther(warehouse.replace('_acme', '_globex')))).toEqual(await shell.rows(warehouse));
    expect(await globex.sql('warehouse_acme', 'select * from flights')).toMatchObject({ code: 'object_not_found' });
    expect(await acme.sql('warehouse_globex', 'select * from flights')).toMatchObject({ code: 'object_not_found' });
    expect(await acme.fault('select * from warehouse_globex.flights')).toMatch('permission denied for schema');
  });

  async function expectApart(globex: QueryClient): Promise<void> {
    expect(await globex.rows('select count(*) from flights')).toEqual([[20_000]]);
    expect(await globex.fault('select * from acme_s.t')).toMatch('permission denied for schema acme_s');
    expect(await globex.fault('select * from acme_notes')).toMatch('permission denied for table acme_notes');
    expect(await globex.fault('select * from mooring_start.loaded')).toMatch('permission denied');
    expect(await globex.fault('delete from flights')).toMatch('permission denied');
  }

  it('refuses a second start on the same folder, and leaves the first alone', async () => {
    const second = new StartProcess(args);
    expect(await second.end()).toBe(1);
    expect(second.output).toMatch(new RegExp(`already runs on .*process ${running.pid}`));
    expect((await fetch(`http://127.0.0.1:${ports[0]}/health/ready`)).status).toBe(200);
  });

  it('refuses ports that are taken before it starts anything', async () => {
    const other = new StartProcess([...args.slice(0, -4), '--data-dir', join(root, 'other')]);
    expect(await other.end()).toBe(1);
    expect(other.output).toMatch(/Port \d+ for the query API is in use.*--port/);
    expect(other.output).not.toMatch(/PostgreSQL is up/);
    expect(existsSync(join(root, 'other'))).toBe(false);
  });

  it('ends everything on SIGINT', async () => {
    await asAdmin('grant pg_read_all_data to tenant_globex', 'revoke select on flights from public');
    const pids = running.descendants();
    expect(pids.length).toBeGreaterThanOrEqual(3);
    running.signal('SIGINT');
    expect(await running.end()).toBe(0);
    expect(running.output).toMatch(/Everything has ended/);
    await expectNothingLeft(pids);
  });

  it('starts warm on the same folder, knows who was logged in, and forgets warehouse sessions that are gone', async () => {
    running = await new StartProcess(args).up();
    await shell.run(examples(ALL).login);
    running.signal('SIGINT');
    await running.end();
    running = await new StartProcess(args).up();
    expect(running.output).toMatch(/20,000 flights and 3,376 airports are there already/);
    const { me, embedded, warehouse, routes } = examples(ALL);
    expect(await shell.json(me)).toMatchObject({ user: { username: 'test' } });
    expect(await shell.queries(routes)).toMatchObject([{ sessionReused: false }, { sessionReused: true }]);
    expect((await shell.rows(embedded))[0]).toEqual(['San Francisco', 31]);
    expect((await shell.rows(warehouse))[0]).toEqual(['San Francisco', 30]);
    expect(running.output).not.toMatch(/Loading|Making/);
  });

  it('keeps the tenants apart on a folder of a start that did not', async () => {
    await expectApart(await QueryClient.logIn(ports, 'bob'));
  });

  it('ends everything, with the reason, when a part ends by itself', async () => {
    const pids = running.descendants();
    const warehouse = pids.find((pid) => commandLineOf(pid).includes('redshift-data-local')) as number;
    process.kill(warehouse, 'SIGKILL');
    expect(await running.end()).toBe(1);
    expect(running.output).toMatch(/The warehouse \(redshift-data-local\) was ended by SIGKILL/);
    await expectNothingLeft(pids);
  });

  it('leaves nothing running when it is killed itself, and starts again after that', async () => {
    running = await new StartProcess(args).up();
    const pids = running.descendants();
    running.signal('SIGKILL');
    await running.end();
    await expectNothingLeft(pids);
    running = await new StartProcess(args).up();
    running.signal('SIGTERM');
    expect(await running.end()).toBe(0);
  });

  it('goes without a warehouse, and ends everything when npm is ended, which tells nobody', async () => {
    running = await new StartProcess([...args, '--no-warehouse'], { byNpm: true }).up();
    await expectNoWarehouse();
    const pids = running.descendants();
    expect(pids.length).toBeGreaterThanOrEqual(4);
    running.signal('SIGTERM');
    await running.end();
    await expectNothingLeft(pids);
  });

  async function expectNoWarehouse(): Promise<void> {
    expect(await canListen(ports[3] as number)).toBe(true);
    const { login, embedded, other, tasks, logout } = examples(WITHOUT_WAREHOUSE);
    await shell.run(login);
    expect((await shell.rows(embedded))[0]).toEqual(['San Francisco', 31]);
    expect((await shell.rows(other))[0]).toEqual(['San Francisco', 30]);
    expect(await shell.run(tasks)).toMatch(/"name":"sweep-auth"/);
    expect(await shell.run(logout)).toBe('204\n');
    const acme = await QueryClient.logIn(ports, 'test');
    expect(await acme.fault('select 1 as n')).toMatch('"code":"engine_not_configured"');
    expect(await acme.sql('warehouse_acme', 'select 1 as n')).toMatchObject({ code: 'engine_not_configured' });
  }
});
