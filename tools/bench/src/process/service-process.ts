import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

export interface ServiceProcess {
  readonly endpoint: string;
  close(): Promise<void>;
}

export interface ServiceCommand {
  readonly name: string;
  /** Compiled, below the workspace's root. */
  readonly script: string;
  readonly args?: (port: number) => readonly string[];
  /** All that the process has; that of this one where there is none. */
  readonly env?: (port: number) => Readonly<Record<string, string>>;
  /** Answers 200 once it is ready. */
  readonly readyPath: string;
}

/** Starts a compiled command of the workspace as a process of its own, so that it shares no event loop. */
export async function startServiceProcess(command: ServiceCommand): Promise<ServiceProcess> {
  const script = fileURLToPath(new URL(`../../../../${command.script}`, import.meta.url));
  if (!existsSync(script)) throw new Error(`${script} is missing. Remedy: npm run build`);
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [script, ...(command.args?.(port) ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(command.env === undefined ? {} : { env: command.env(port) }),
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-2000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let exited = false;
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  }).then(() => {
    exited = true;
    process.removeListener('exit', kill);
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(kill, STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  };
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await answers(endpoint + command.readyPath))) {
    if (exited || performance.now() > deadline) {
      await close();
      throw new Error(`${command.name} ${exited ? 'ended' : 'did not answer'}:\n${output.trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { endpoint, close };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port was assigned'));
        else resolve(address.port);
      });
    });
  });
}
