import { createRequire } from 'node:module';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ServiceError } from '../errors.ts';
import { endServerProcess, startServerProcess, type ServerProcess } from '../process/server-process.ts';
import { startOnPort } from '../process/start-on-port.ts';
import { startWatchdog } from '../process/watchdog.ts';
import { DYNAMO_PROGRAM } from './dynamo-program.ts';

export interface DynamoOptions {
  /** A free one when left out. */
  readonly port?: number;
  /** Kept after `stop()` and over `kill()`. Without it nothing is written to disk. */
  readonly dataDir?: string;
}

/** DynamoDB's protocol over HTTP, by dynalite. */
export interface DynamoServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
  /** SIGKILL, as a crash would do. */
  kill(): Promise<void>;
  /** Starts it again on the same port; what was in memory is gone unless there is a `dataDir`. */
  restart(): Promise<void>;
}

const STOP_GRACE_MS = 60_000;
const START_TIMEOUT_MS = 180_000;

/** Whether it listens is in what it wrote: another server on the port would answer as well. */
async function waitForDynamo(server: ServerProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!server.hasExited()) {
    if ((await server.readLog()).includes('listening')) return;
    if (performance.now() > deadline) throw new Error(`it does not listen after ${START_TIMEOUT_MS} ms`);
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error('the server ended before it listened');
}

async function launch(logFolder: string, dataDir: string | undefined, port: number): Promise<ServerProcess> {
  const options = {
    port,
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(dataDir === undefined ? {} : { path: dataDir }),
  };
  const server = await startServerProcess({
    command: process.execPath,
    args: ['--eval', DYNAMO_PROGRAM, createRequire(import.meta.url).resolve('dynalite'), JSON.stringify(options)],
    cwd: '/',
    logFile: join(logFolder, 'mooring-server.log'),
  });
  try {
    await waitForDynamo(server);
    return server;
  } catch (error) {
    await endServerProcess(server, 'SIGTERM', STOP_GRACE_MS);
    const log = await server.readLog();
    const code = log.includes('EADDRINUSE') ? 'port_in_use' : 'start_failed';
    throw new ServiceError(code, `dynalite did not start on port ${port}:\n${log}`, { cause: error });
  }
}

/**
 * Starts a DynamoDB for tests on the loopback address: dynalite, in a process of its own. It ends with this process,
 * however that ends.
 * @throws ServiceError when it does not start
 */
export async function startDynamo(options: DynamoOptions = {}): Promise<DynamoServer> {
  const temporary = await mkdtemp(join(tmpdir(), 'mooring-dynamo-'));
  const dataDir = options.dataDir === undefined ? undefined : resolve(options.dataDir);
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true });
  const watchdog = startWatchdog('TERM', temporary);
  const start = async (port: number): Promise<ServerProcess> => {
    const server = await launch(temporary, dataDir, port);
    watchdog.watch(String(server.pid));
    void server.exited.then(() => watchdog.forget());
    return server;
  };
  const removeTemporary = async (): Promise<void> => {
    await rm(temporary, { recursive: true, force: true });
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
    url: `http://127.0.0.1:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    stop: async () => {
      await endServerProcess(server, 'SIGTERM', STOP_GRACE_MS);
      await removeTemporary();
    },
    kill: () => endServerProcess(server, 'SIGKILL', STOP_GRACE_MS),
    restart: async () => {
      await endServerProcess(server, 'SIGTERM', STOP_GRACE_MS);
      server = await start(port);
    },
  };
}
