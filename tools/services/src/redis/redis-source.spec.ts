import { describe, expect, it } from '@jest/globals';
import { bareMachine, onPath } from '../machine.fixture.ts';
import { findRedis } from './redis-source.ts';
import { startRedis } from './redis-server.ts';

describe('where Redis comes from', () => {
  it('is the PATH first', async () => {
    const machine = bareMachine({ findOnPath: onPath('redis-server', 'docker') });
    expect(await findRedis(machine)).toEqual({
      kind: 'program',
      origin: '/usr/bin/redis-server',
      command: '/usr/bin/redis-server',
    });
  });

  it('is the package manager for root', async () => {
    let installed = false;
    const machine = bareMachine({
      isRoot: true,
      findOnPath: (name) => onPath('apt-get', ...(installed ? ['redis-server'] : []))(name),
      run: (command, args) => {
        if (command === '/bin/sh' && args.includes('redis-server')) installed = true;
        return Promise.resolve({ code: 0, output: '' });
      },
    });
    expect(await findRedis(machine)).toMatchObject({ kind: 'program' });
    expect(machine.ran[0]).toContain('apt-get install');
  });

  it('is Docker last', async () => {
    expect(await findRedis(bareMachine({ findOnPath: onPath('docker') }))).toMatchObject({ kind: 'container' });
  });

  it('is refused with the reason for each source and the remedy when there is none', async () => {
    const error = await startRedis({ machine: bareMachine() }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'no_source' });
    expect((error as Error).message).toMatch(
      /no redis-server[^]*no apt-get[^]*no docker[^]*Remedy: set MOORING_TEST_REDIS_URL/,
    );
  });
});
