import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Whom to run as; this process's user when left out. */
  readonly account?: Account | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Standard output and error go here. */
  readonly logFile: string;
}

export interface ServerProcess {
  readonly pid: number;
  /** Settles when the server ends; does not keep this process alive, `waitForExit` does. */
  readonly exited: Promise<void>;
  waitForExit(): Promise<void>;
  hasExited(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** The end of what the server wrote. */
  readLog(): Promise<string>;
}

const LOG_TAIL_CHARACTERS = 4000;

/**
 * Starts a server in a process group of its own, so that Ctrl-C reaches its owner and not the server, and without
 * keeping this process alive.
 */
export async function startServerProcess(server: ServerCommand): Promise<ServerProcess> {
  const log = openSync(server.logFile, 'w');
  const child = spawn(server.command, [...server.args], {
    detached: true,
    stdio: ['ignore', log, log],
    ...(server.account === undefined ? {} : server.account),
    ...(server.env === undefined ? {} : { env: server.env }),
    ...(server.cwd === undefined ? {} : { cwd: server.cwd }),
  });
  closeSync(log);
  let ended = false;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      ended = true;
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', resolve);
  });
  child.on('error', () => undefined);
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw new Error(`${server.command} started without a process id`);
  return {
    pid,
    exited,
    waitForExit: () => {
      child.ref();
      return exited;
    },
    hasExited: () => ended,
    signal: (signal) => {
      if (!ended) child.kill(signal);
    },
    readLog: async () => (await readFile(server.logFile, 'utf8').catch(() => '')).slice(-LOG_TAIL_CHARACTERS).trim(),
  };
}

/** Signals a server and waits for its end, with SIGKILL when it does not end in time. */
export async function endServerProcess(server: ServerProcess, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  server.signal(signal);
  const timer = setTimeout(() => server.signal('SIGKILL'), graceMs);
  try {
    await server.waitForExit();
  } finally {
    clearTimeout(timer);
  }
}
