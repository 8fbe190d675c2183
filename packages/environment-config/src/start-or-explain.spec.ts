import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { folderFaults, portFaults } from './places.ts';
import { startOrExplain } from './start-or-explain.ts';

const failure = new Error('met first');
const fails = (): Promise<never> => Promise.reject(failure);
const fault = (variable: string, problem = 'is away') => ({ variable, problem, remedy: 'Start it' });

describe('startOrExplain', () => {
  it('looks at nothing when the start goes well', async () => {
    const unasked = (): never => {
      throw new Error('asked');
    };
    expect(await startOrExplain(async () => 'running', [unasked])).toBe('running');
  });

  it('says all that is in the way, each variable once, with what the start failed with as the cause', async () => {
    const started = startOrExplain(fails, [
      async () => [fault('DATABASE_URL'), fault('REDIS_URL')],
      async () => [],
      async () => [fault('DATABASE_URL', 'is away, too'), fault('MOORING_DATA_DIR', 'is full')],
      () => Promise.reject(new Error('the check is broken')),
    ]);
    await expect(started).rejects.toMatchObject({
      name: 'ConfigError',
      cause: failure,
      message:
        'The configuration has 3 faults:\n' +
        '  DATABASE_URL: is away. Start it\n  REDIS_URL: is away. Start it\n  MOORING_DATA_DIR: is full. Start it',
    });
  });

  it('says of each part of what a variable leads to what is in the way, unless all of it is', async () => {
    const part = (name: string) => ({ ...fault('DATABASE_URL', `${name} is old`), part: name });
    const started = (...checks: readonly ReturnType<typeof fault>[][]) =>
      startOrExplain(
        fails,
        checks.map((faults) => async () => faults),
      );
    await expect(started([part('users')], [part('users')], [part('catalog')])).rejects.toMatchObject({
      faults: [part('users'), part('catalog')],
    });
    await expect(started([fault('DATABASE_URL')], [part('users')])).rejects.toMatchObject({
      faults: [fault('DATABASE_URL')],
    });
  });

  it('rejects with what the start failed with when nothing is found', async () => {
    await expect(startOrExplain(fails, [async () => []])).rejects.toBe(failure);
  });
});

describe('folderFaults', () => {
  it('makes the folder, and says when that or writing to it can not be', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'mooring-'));
    const folder = join(parent, 'a', 'b');
    expect(await folderFaults('MOORING_DATA_DIR', folder)).toEqual([]);
    expect((await stat(folder)).isDirectory()).toBe(true);
    await rm(parent, { recursive: true });
    expect(await folderFaults('MOORING_DATA_DIR', '/dev/null/data')).toEqual([
      { variable: 'MOORING_DATA_DIR', problem: expect.stringContaining('(ENOTDIR)'), remedy: expect.any(String) },
    ]);
  });
});

describe('portFaults', () => {
  it('says that a port is taken, and takes none itself', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    const place = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    expect(await portFaults('MOORING_PORT', place)).toEqual([
      { variable: 'MOORING_PORT', problem: expect.stringContaining('(EADDRINUSE)'), remedy: expect.any(String) },
    ]);
    await new Promise((resolve) => server.close(resolve));
    expect(await portFaults('MOORING_PORT', place)).toEqual([]);
    expect(await portFaults('MOORING_PORT', place)).toEqual([]);
  });
});
