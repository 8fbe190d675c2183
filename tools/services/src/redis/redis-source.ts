import { installWithApt } from '../process/apt-package.ts';
import { findDocker } from '../process/docker.ts';
import type { Machine } from '../machine.ts';
import { findFirstSource } from '../source-search.ts';

/** Where a Redis comes from: a program on this machine, or a container image. */
export type RedisSource =
  | { readonly kind: 'program'; readonly origin: string; readonly command: string }
  | { readonly kind: 'container'; readonly origin: string; readonly docker: string; readonly image: string };

const IMAGE = 'redis:7';
const REMEDY = 'set MOORING_TEST_REDIS_URL to a Redis 7 or later, or install it so that `redis-server` is on the PATH.';

async function findInstalled(machine: Machine): Promise<RedisSource | string> {
  const command = machine.findOnPath('redis-server');
  if (command === undefined) return 'no redis-server on the PATH';
  const { code, output } = await machine.run(command, ['--version'], 60_000);
  return code === 0 ? { kind: 'program', origin: command, command } : `${command} does not run: ${output}`;
}

async function findByApt(machine: Machine): Promise<RedisSource | string> {
  return (await installWithApt(machine, 'redis-server')) ?? findInstalled(machine);
}

async function findContainer(machine: Machine): Promise<RedisSource | string> {
  const docker = await findDocker(machine);
  return 'refusal' in docker
    ? docker.refusal
    : { kind: 'container', origin: `Docker image ${IMAGE}`, docker: docker.command, image: IMAGE };
}

/**
 * The first source that works: `redis-server` on the PATH, the Debian or Ubuntu package (as root), Docker.
 * @throws ServiceError `no_source`, with the reason for each and the remedy
 */
export async function findRedis(machine: Machine): Promise<RedisSource> {
  return findFirstSource<RedisSource>(
    'Redis',
    [
      ['installed program', findInstalled],
      ['apt-get', findByApt],
      ['Docker', findContainer],
    ],
    machine,
    REMEDY,
  );
}
