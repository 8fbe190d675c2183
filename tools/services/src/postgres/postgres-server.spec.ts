import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { readConfig } from '../config.ts';
import { localMachine, type Machine } from '../machine.ts';
import { isProcessAlive } from '../process/process-tree.ts';
import { startPostgres } from './postgres-server.ts';

async function ask(url: string, statement: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query({ text: statement, rowMode: 'array' });
    return (rows[0] as unknown[] | undefined)?.[0];
  } finally {
    await client.end();
  }
}

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'mooring-spec-')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a temporary server', () => {
  it('answers, takes settings, and leaves nothing behind', async () => {
    const server = await startPostgres({ maxConnections: 77, settings: { work_mem: '5MB' } });
    expect(Number(await ask(server.url, 'SHOW server_version_num'))).toBeGreaterThanOrEqual(150000);
    expect(await ask(server.url, 'SHOW max_connections')).toBe('77');
    expect(await ask(server.url, 'SHOW work_mem')).toBe('5MB');
    expect(await ask(server.url, 'SHOW fsync')).toBe('off');
    expect(await ask(server.url, 'SHOW server_encoding')).toBe('UTF8');
    const { pid, dataDir } = server;
    await server.stop();
    expect(existsSync(dataDir)).toBe(false);
    expect(isProcessAlive(pid) && existsSync(`/proc/${pid}/exe`)).toBe(false);
  });

  it('keeps port and data over a crash and a restart', async () => {
    const server = await startPostgres({ durable: true });
    await ask(server.url, 'CREATE TABLE boat AS SELECT 7 AS berth');
    const endless = ask(server.url, 'SELECT pg_sleep(600)').catch((error: unknown) => error);
    await server.kill();
    expect(await endless).toHaveProperty('message');
    await expect(ask(server.url, 'SELECT 1')).rejects.toThrow();
    await server.restart();
    expect(await ask(server.url, 'SELECT berth FROM boat')).toBe(7);
    await server.stop();
  });
});

describe('a folder that stays', () => {
  it('starts warm, also after a crash that left its lock, held by a process that is no PostgreSQL', async () => {
    const dataDir = join(folder, 'warm');
    const first = await startPostgres({ dataDir });
    expect(await ask(first.url, 'SHOW fsync')).toBe('on');
    await ask(first.url, 'CREATE TABLE boat AS SELECT 7 AS berth');
    await first.kill();
    await first.stop();
    await writeFile(join(dataDir, 'postmaster.pid'), `${process.pid}\n${dataDir}\n`);
    const second = await startPostgres({ dataDir });
    expect(await ask(second.url, 'SELECT berth FROM boat')).toBe(7);
    await second.stop();
    expect(existsSync(join(dataDir, 'PG_VERSION'))).toBe(true);
  });

  it('refuses a second server on it, and a folder with other things in it', async () => {
    const dataDir = join(folder, 'busy');
    const server = await startPostgres({ dataDir });
    await expect(startPostgres({ dataDir })).rejects.toMatchObject({ code: 'folder_in_use' });
    await server.stop();
    const other = join(folder, 'other');
    await mkdir(other);
    await writeFile(join(other, 'letter.txt'), 'keep me');
    await expect(startPostgres({ dataDir: other })).rejects.toMatchObject({ code: 'folder_not_usable' });
    expect(existsSync(join(other, 'letter.txt'))).toBe(true);
  });

  it('works below a folder that only its owner may enter', async () => {
    const locked = join(folder, 'private');
    await mkdir(locked, { mode: 0o700 });
    const server = await startPostgres({ dataDir: join(locked, 'data') });
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
    await server.stop();
  });
});

describe('without the npm package', () => {
  const machine: Machine = { ...localMachine(readConfig().path), findModule: () => undefined };
  const isInstalled =
    machine.findOnPath('initdb') !== undefined || machine.listFolder('/usr/lib/postgresql').length > 0;
  const whereInstalled = isInstalled ? it : it.skip; // reason: the machine may have none

  whereInstalled('an installed PostgreSQL runs as well [optional: needs one on the machine]', async () => {
    const server = await startPostgres({ machine });
    expect(server.origin).toMatch(/\/bin$/);
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
    await server.stop();
  });
});

describe('a port', () => {
  it('that is taken is refused by name', async () => {
    const squatter = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as { port: number };
    await expect(startPostgres({ port })).rejects.toMatchObject({ code: 'port_in_use', retryable: true });
    await new Promise((resolve) => squatter.close(resolve));
  });
});
