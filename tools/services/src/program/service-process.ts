import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readConfig } from '../config.ts';
import { findFreePort } from '../process/free-port.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const READY_TIMEOUT_MS = 180_000;
const STOP_GRACE_MS = 30_000;
const POLL_MS = 50;

/** A program of the workspace, compiled, as production runs it. */
export interface ServiceProgram {
  /** From the workspace's root, such as `apps/auth-api/dist/main.js`. */
  readonly script: string;
  readonly args?: readonly string[];
  /** All that it gets, but for PATH. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ListeningProgram extends ServiceProgram {
  /** A free one when left out. */
  readonly port?: number;
  /** How it is told its port; `MOORING_PORT` in its environment when left out. */
  readonly portAsArguments?: (port: number) => readonly string[];
  /** Answers 200 when it is ready. */
  readonly readyPath: string;
}

export interface RunningProgram {
  readonly pid: number;
  /** Standard output and error so far. */
  output(): string;
  /** Settles when the process has ended, with its exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when it does not end in time. */
  stop(): Promise<void>;
}

export interface ServiceProcess extends RunningProgram {
  readonly url: string;
}

/** Brings the compiled JavaScript of projects, such as `apps/auth-api`, up to date with their sources. */
export async function buildProjects(...projects: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(`${ROOT}node_modules/.bin/tsc`, ['-b', ...projects], { cwd: ROOT });
  } catch (error) {
    throw new Error(`${projects.join(', ')}: does not compile:\n${(error as { stdout?: string }).stdout ?? ''}`, {
      cause: error,
    });
  }
}

/** Runs a program. It ends with this process. */
export function runProgram({ script, args = [], env = {} }: ServiceProgram): RunningProgram {
  const child = spawn(process.execPath, [`${ROOT}${script}`, ...args], {
    env: { PATH: readConfig().path, NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  // Not `exit`: what it wrote before may still be in the pipe then.
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      process.removeListener('exit', kill);
      resolve(code);
    });
  });
  return {
    pid: child.pid ?? 0,
    output: () => text,
    exited,
    signal: (name) => void child.kill(name),
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(kill, STOP_GRACE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Starts a program that listens, and waits until it is ready. */
export async function startService(program: ListeningProgram): Promise<ServiceProcess> {
  const { args = [], env = {}, portAsArguments, readyPath } = program;
  const port = program.port ?? (await findFreePort());
  const running = runProgram({
    script: program.script,
    ...(portAsArguments === undefined
      ? { args, env: { MOORING_PORT: String(port), ...env } }
      : { args: [...args, ...portAsArguments(port)], env }),
  });
  const service = { ...running, url: `http://127.0.0.1:${port}` };
  try {
    await untilReady(service, readyPath);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return service;
}

async function untilReady(service: ServiceProcess, path: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let ended = false;
  void service.exited.then(() => (ended = true));
  while (!(await isOk(service.url + path))) {
    if (ended || performance.now() > deadline) throw new Error(`${service.url} did not start:\n${service.output()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function isOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
