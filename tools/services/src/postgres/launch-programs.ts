import { join } from 'node:path';
import { ServiceError } from '../errors.ts';
import type { Machine } from '../machine.ts';
import { startOnPort } from '../process/start-on-port.ts';
import { listChildProcesses } from '../process/process-tree.ts';
import { endServerProcess, startServerProcess, type ServerProcess } from '../process/server-process.ts';
import { findUnprivilegedAccount } from '../process/unprivileged-account.ts';
import type { Watchdog } from '../process/watchdog.ts';
import { clearStaleLock, createCluster, holdsCluster, prepareDataFolder } from './data-folder.ts';
import { listServerSettings, type ServerSettings } from './server-settings.ts';
import { waitForPostgres } from './readiness.ts';
import type { PostgresSource } from './postgres-source.ts';
import { prepareAccount, type PrepareCommand } from './run-as-account.ts';

export interface PostgresLaunch extends ServerSettings {
  readonly machine: Machine;
  readonly dataDir: string;
  /** Undefined: a free one. */
  readonly port: number | undefined;
  readonly watchdog: Watchdog;
}

export interface RunningPostgres {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

type Programs = Extract<PostgresSource, { kind: 'programs' }>;

const STOP_GRACE_MS = 60_000;
const INITDB_TIMEOUT_MS = 120_000;

const PORT_TAKEN = 'could not bind';
const STILL_ENDING = 'pre-existing shared memory block';

async function start(
  source: Programs,
  options: PostgresLaunch,
  prepare: PrepareCommand,
  port: number,
): Promise<ServerProcess> {
  const args = ['-D', options.dataDir, '-p', String(port), ...listServerSettings(options, '127.0.0.1')];
  const server = await startServerProcess({
    ...prepare(source.postgres, args),
    cwd: '/',
    logFile: join(options.dataDir, 'mooring-server.log'),
  });
  options.watchdog.watch(String(server.pid));
  void server.exited.then(() => options.watchdog.forget());
  try {
    await waitForPostgres(port, server.exited, options.dataDir);
    return server;
  } catch (error) {
    await endServerProcess(server, 'SIGINT', STOP_GRACE_MS);
    const log = await server.readLog();
    const code = log.includes(PORT_TAKEN) ? 'port_in_use' : 'start_failed';
    throw new ServiceError(code, `PostgreSQL did not start on port ${port} with ${options.dataDir}:\n${log}`, {
      cause: error,
    });
  }
}

/** Children of a killed postmaster end by themselves, but only after what they are doing: so they are killed too. */
async function killAll(server: ServerProcess): Promise<void> {
  const children = server.hasExited() ? [] : listChildProcesses(server.pid);
  server.signal('SIGKILL');
  for (const pid of children) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by itself meanwhile.
    }
  }
  await server.waitForExit();
}

/** Starts PostgreSQL from its programs, making the cluster first where there is none. */
export async function launchPrograms(source: Programs, options: PostgresLaunch): Promise<RunningPostgres> {
  const { machine, dataDir } = options;
  const account = machine.isRoot ? await findUnprivilegedAccount(dataDir) : undefined;
  const exists = await holdsCluster(dataDir);
  const parent = await prepareDataFolder(dataDir, account);
  const prepare = prepareAccount(machine, account, [source.postgres, parent]);
  if (exists) {
    await clearStaleLock(dataDir);
  } else {
    const run = (command: string, args: readonly string[]): Promise<{ code: number; output: string }> => {
      const initdb = prepare(command, args);
      return machine.run(initdb.command, initdb.args, INITDB_TIMEOUT_MS, initdb.account);
    };
    await createCluster({ dataDir, initdb: source.initdb, account, durable: options.durable, run });
  }
  const { server, port } = await startOnPort(
    options.port,
    async (free) => ({ server: await start(source, options, prepare, free), port: free }),
    (error) => error.message.includes(STILL_ENDING),
  );
  return {
    pid: server.pid,
    port,
    stop: () => endServerProcess(server, 'SIGINT', STOP_GRACE_MS),
    kill: () => killAll(server),
  };
}
