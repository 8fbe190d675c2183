import { mkdir } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { ServiceError } from '../errors.ts';
import { findFreePort } from '../process/free-port.ts';
import { endServerProcess, startServerProcess } from '../process/server-process.ts';
import type { PostgresLaunch, RunningPostgres } from './launch-programs.ts';
import { waitForPostgres } from './readiness.ts';
import type { PostgresSource } from './postgres-source.ts';
import { listServerSettings } from './server-settings.ts';

type Container = Extract<PostgresSource, { kind: 'container' }>;

const STOP_GRACE_MS = 20_000;
const PULL_AND_START_MS = 300_000;
const DATA_IN_CONTAINER = '/mooring/data';

/** Starts PostgreSQL in a container that is removed when it ends. */
export async function launchContainer(
  source: Container,
  options: PostgresLaunch & { readonly keepData: boolean },
): Promise<RunningPostgres> {
  const port = options.port ?? (await findFreePort());
  const name = `mooring-postgres-${randomUUID()}`;
  if (options.keepData) await mkdir(options.dataDir, { recursive: true });
  const run = ['run', '--rm', '--name', name, '--publish', `127.0.0.1:${port}:5432`];
  const volume = options.keepData ? ['--volume', `${options.dataDir}:/mooring`] : [];
  const env = ['--env', 'POSTGRES_HOST_AUTH_METHOD=trust', '--env', `PGDATA=${DATA_IN_CONTAINER}`];
  const server = await startServerProcess({
    command: source.docker,
    args: [...run, ...volume, ...env, source.image, ...listServerSettings(options, '*')],
    logFile: join(options.keepData ? options.dataDir : dirname(options.dataDir), 'mooring-server.log'),
  });
  options.watchdog.watch(name);
  void server.exited.then(() => options.watchdog.forget());
  const kill = async (): Promise<void> => {
    await options.machine.run(source.docker, ['kill', name], STOP_GRACE_MS);
    await server.waitForExit();
  };
  try {
    await waitForPostgres(port, server.exited, DATA_IN_CONTAINER, PULL_AND_START_MS);
  } catch (error) {
    await options.machine.run(source.docker, ['rm', '--force', name], STOP_GRACE_MS);
    throw new ServiceError('start_failed', `${source.origin} did not start:\n${await server.readLog()}`, {
      cause: error,
    });
  }
  return { pid: server.pid, port, stop: () => endServerProcess(server, 'SIGINT', STOP_GRACE_MS), kill };
}
