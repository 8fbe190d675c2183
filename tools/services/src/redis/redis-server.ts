import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readConfig } from '../config.ts';
import { ServiceError } from '../errors.ts';
import { localMachine, type Machine } from '../machine.ts';
import { endServerProcess, startServerProcess, type ServerProcess } from '../process/server-process.ts';
import { startOnPort } from '../process/start-on-port.ts';
import { startWatchdog } from '../process/watchdog.ts';
import { findRedis, type RedisSource } from './redis-source.ts';
import { runRedisCommands } from './resp.ts';

export interface RedisOptions {
  /** A free one when left out. */
  readonly port?: number;
  /** Kept after `stop()`, with an append-only file. Without it nothing is written to disk. */
  readonly dataDir?: string;
  /** Asked of every client, and part of `url`. None when left out. */
  readonly password?: string;
  /** More settings, such as `{ maxmemory: '64mb' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where to look for a Redis; this machine when left out. */
  readonly machine?: Machine;
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Where its program comes from. */
  readonly origin: string;
  readonly pid: number;
  stop(): Promise<void>;
  /** SIGKILL, as a crash would do. */
  kill(): Promise<void>;
  /** Starts it again on the same port; what was in memory is gone unless there is a `dataDir`. */
  restart(): Promise<void>;
}

const STOP_GRACE_MS = 60_000;

interface Launch {
  readonly source: RedisSource;
  readonly folder: string;
  readonly keepData: boolean;
  readonly password: string;
  readonly settings: readonly string[];
  readonly containerName: string;
  readonly startTimeoutMs: number;
}

function buildCommand(
  { source, folder, keepData, settings, containerName }: Launch,
  port: number,
): readonly [string, string[]] {
  if (source.kind === 'program') {
    return [source.command, ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...settings]];
  }
  const volume = keepData ? ['--volume', `${folder}:/data`] : [];
  const run = ['run', '--rm', '--name', containerName, '--publish', `127.0.0.1:${port}:6379`, ...volume, source.image];
  return [source.docker, [...run, 'redis-server', '--protected-mode', 'no', ...settings]];
}

function urlOf(port: number, password: string): string {
  return `redis://${password === '' ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`;
}

async function waitForRedis(url: string, server: ServerProcess, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!server.hasExited()) {
    const reply = await runRedisCommands(url, [['INFO', 'server']], 10_000).catch(() => undefined);
    const processId = /process_id:(\d+)/.exec(String(reply?.[0] ?? ''))?.[1];
    if (processId === String(server.pid) || processId === '1') return;
    if (performance.now() > deadline) throw new Error(`no answer after ${timeoutMs} ms`);
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error('the server ended before it answered');
}

async function launch(options: Launch, port: number): Promise<ServerProcess> {
  const [command, args] = buildCommand(options, port);
  const server = await startServerProcess({
    command,
    args,
    cwd: '/',
    logFile: join(options.folder, 'mooring-server.log'),
  });
  try {
    await waitForRedis(urlOf(port, options.password), server, options.startTimeoutMs);
    return server;
  } catch (error) {
    await endServerProcess(server, 'SIGTERM', STOP_GRACE_MS);
    const log = await server.readLog();
    const code = /address already in use/i.test(log) ? 'port_in_use' : 'start_failed';
    throw new ServiceError(code, `Redis did not start on port ${port}:\n${log}`, { cause: error });
  }
}

/**
 * Starts a real Redis of its own on the loopback address. It ends with this process, however that ends.
 * @throws ServiceError when none can be had or it does not start
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const machine = options.machine ?? localMachine(readConfig().path);
  const source = await findRedis(machine);
  const temporary = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'mooring-redis-')) : undefined;
  const folder = temporary ?? resolve(options.dataDir as string);
  await mkdir(folder, { recursive: true });
  const { password = '' } = options;
  const persistence = {
    save: '',
    appendonly: temporary === undefined ? 'yes' : 'no',
    requirepass: password,
    ...options.settings,
  };
  const settings = Object.entries(persistence).flatMap(([name, value]) => [`--${name}`, value]);
  const containerName = `mooring-redis-${randomUUID()}`;
  const startTimeoutMs = source.kind === 'container' ? 300_000 : 180_000;
  const keepData = temporary === undefined;
  const plan: Launch = { source, folder, keepData, password, settings, containerName, startTimeoutMs };
  const watchdog = startWatchdog(source.kind === 'container' ? 'container' : 'TERM', temporary);
  const start = async (port: number): Promise<ServerProcess> => {
    const server = await launch(plan, port);
    watchdog.watch(source.kind === 'container' ? containerName : String(server.pid));
    void server.exited.then(() => watchdog.forget());
    return server;
  };
  const removeTemporary = async (): Promise<void> => {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    watchdog.dismiss();
  };
  let server: ServerProcess;
  let port: number;
  try {
    [server, port] = await startOnPort(options.port, async (free) => [await start(free), free] as const);
  } catch (error) {
    await removeTemporary();
    throw error;
  }
  return {
    url: urlOf(port, password),
    port,
    origin: source.origin,
    get pid() {
      return server.pid;
    },
    stop: async () => {
      await endServerProcess(server, 'SIGTERM', STOP_GRACE_MS);
      await removeTemporary();
    },
    kill: async () => {
      if (source.kind === 'container') await machine.run(source.docker, ['kill', containerName], STOP_GRACE_MS);
      await endServerProcess(server, 'SIGKILL', STOP_GRACE_MS);
    },
    restart: async () => {
      await endServerProcess(server, 'SIGTERM', STOP_GRACE_MS);
      server = await start(port);
    },
  };
}
