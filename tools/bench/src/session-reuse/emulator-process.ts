import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { RunningEmulator } from './laboratory.ts';

const SCRIPT = fileURLToPath(new URL('../../../../packages/redshift-data-local/dist/cli.js', import.meta.url));
const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

/** Starts redshift-data-local as a process of its own, as its compiled command, so that it shares no event loop. */
export async function startEmulatorProcess(postgresUrl: string, connectDelayMs: number): Promise<RunningEmulator> {
  if (!existsSync(SCRIPT)) throw new Error(`${SCRIPT} is missing. Remedy: npm run build`);
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const args = [
    '--port',
    String(port),
    '--postgres-url',
    postgresUrl,
    '--connect-delay-ms',
    String(connectDelayMs),
    '--control',
  ];
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
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
  while (!(await answers(endpoint))) {
    if (exited || performance.now() > deadline) {
      await close();
      throw new Error(`redshift-data-local ${exited ? 'ended' : 'did not answer'}:\n${output.trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { endpoint, close };
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(`${endpoint}/_local/stats`, { signal: AbortSignal.timeout(2_000) });
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
