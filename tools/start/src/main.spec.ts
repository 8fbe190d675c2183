import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  canListen,
  commandLineOf,
  compileStart,
  freePorts,
  isAlive,
  readCurls,
  send,
  StartProcess,
  until,
  type CurlCommand,
} from './start-process.fixture.ts';

jest.setTimeout(180_000);

describe('npm start', () => {
  let root: string;
  let ports: number[];
  let args: string[];
  let running: StartProcess;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'mooring-start-'));
    await compileStart();
    await writeFile(
      join(root, 'curl'),
      '#!/usr/bin/env node\nprocess.stdout.write(JSON.stringify(process.argv.slice(2)));',
    );
    await chmod(join(root, 'curl'), 0o755);
    ports = await freePorts(3);
    const [port = 0, warehousePort = 0, postgresPort = 0] = ports;
    args = ['--port', port, '--warehouse-port', warehousePort, '--postgres-port', postgresPort].map(String);
    args.push('--data-dir', join(root, 'state'), '--flights', '20000');
  });
  afterAll(async () => {
    running?.signal('SIGTERM');
    await running?.end();
    await rm(root, { recursive: true, force: true });
  });

  async function expectNothingLeft(pids: readonly number[]): Promise<void> {
    try {
      await until('the end of all processes', () => !pids.some(isAlive));
    } finally {
      for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
    }
    expect(await Promise.all(ports.map(canListen))).toEqual([true, true, true]);
  }

  it('loads the data and prints requests that work as printed, the second on the session of the first', async () => {
    running = await new StartProcess(args).up();
    expect(running.output).toMatch(/20,000 flights and 3,376 airports loaded in/);
    const [routes, other, list] = (await readCurls(running.output, root)) as [CurlCommand, CurlCommand, CurlCommand];

    const first = await send(routes);
    expect(first).toMatchObject({ status: 200, body: { status: 'finished', sessionReused: false } });
    expect((first.body as { rows: unknown[] }).rows).toHaveLength(5);
    expect((first.body as { rows: unknown[][] }).rows[0]?.[0]).toBe('Seattle');
    const second = await send(routes);
    expect(second).toMatchObject({ status: 200, body: { sessionReused: true } });
    expect((second.body as { rows: unknown }).rows).toEqual((first.body as { rows: unknown }).rows);
    expect((first.body as { timings: { submitMs: number } }).timings.submitMs).toBeGreaterThanOrEqual(250);

    const foreign = await send(other);
    expect(foreign).toMatchObject({
      status: 200,
      body: { sessionReused: false, rows: [['tenant_globex', expect.anything()]] },
    });
    const [, , , stats] = await readCurls(running.output, root);
    expect(await send(stats as CurlCommand)).toMatchObject({ status: 200, body: { sessionsOpened: 2 } });
    expect(await send(list)).toMatchObject({ status: 200, body: { queries: [expect.anything(), expect.anything()] } });
  });

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
  });

  it('ends everything on SIGINT', async () => {
    const pids = running.descendants();
    expect(pids.length).toBeGreaterThanOrEqual(3);
    running.signal('SIGINT');
    expect(await running.end()).toBe(0);
    expect(running.output).toMatch(/Everything has ended/);
    await expectNothingLeft(pids);
  });

  it('starts warm on the same folder, with the same tokens, and forgets sessions that are gone', async () => {
    const before = await readCurls(running.output, root);
    running = await new StartProcess(args).up();
    expect(running.output).toMatch(/20,000 flights and 3,376 airports are there already/);
    const [routes] = (await readCurls(running.output, root)) as [CurlCommand];
    expect(routes).toEqual(before[0]);
    expect(await send(routes)).toMatchObject({ status: 200, body: { sessionReused: false } });
    expect(await send(routes)).toMatchObject({ status: 200, body: { sessionReused: true } });
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

  it('ends everything when npm is ended, which tells nobody', async () => {
    running = await new StartProcess(args, { byNpm: true }).up();
    const pids = running.descendants();
    expect(pids.length).toBeGreaterThanOrEqual(4);
    running.signal('SIGTERM');
    await running.end();
    await expectNothingLeft(pids);
  });
});
