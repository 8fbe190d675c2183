import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const READY_MS = 60_000;

export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** Standard output and error so far. */
  output(): string;
  /** Ends when the process does, with its exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Brings dist up to date with the sources: specs run real processes. */
export async function build(): Promise<void> {
  const tsc = createRequire(import.meta.url)
    .resolve('@typescript/native/package.json')
    .replace('package.json', 'bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-b', 'apps/auth-api'], {
      cwd: ROOT,
    });
  } catch (error) {
    throw new Error(`The service does not build: ${(error as { stdout?: string }).stdout ?? ''}`, { cause: error });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs a script of the workspace with this environment and no other. */
export function startProcess(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  url: string,
): ServiceProcess {
  let text = '';
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env['PATH'] ?? '', NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    url,
    pid: child.pid ?? 0,
    output: () => text,
    exited,
    signal: (name) => child.kill(name),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Starts the auth API and waits until it is ready. */
export async function startAuthApi(env: Readonly<Record<string, string>>, port?: number): Promise<ServiceProcess> {
  const own = port ?? (await freePort());
  const service = startProcess(MAIN, [], { MOORING_PORT: String(own), ...env }, `http://127.0.0.1:${own}`);
  await untilReady(service, '/health/ready');
  return service;
}

export function startUnready(env: Readonly<Record<string, string>>): ServiceProcess {
  return startProcess(MAIN, [], env, '');
}

export async function untilReady(service: ServiceProcess, path: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  let over = false;
  void service.exited.then(() => (over = true));
  for (;;) {
    const ready = await fetch(service.url + path).then(
      (response) => response.arrayBuffer().then(() => response.ok),
      () => false,
    );
    if (ready) return;
    if (over || Date.now() > deadline) throw new Error(`${service.url} did not start:\n${service.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
