import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { findFreePort } from '@mooring/services';
import { startService, type ServiceCommand } from './service-process.ts';

/** Notes each request, answers 200 on its port, ends on SIGTERM unless `stubborn`, and dies when it is asked for `/die`. */
const SERVICE = `
import { createServer } from 'node:http';
const [port, mode] = process.argv.slice(2);
if (mode === 'stubborn') process.on('SIGTERM', () => undefined);
createServer((request, response) => {
  console.log('asked');
  if (request.url === '/die') { console.error('about to die'); process.exit(3); }
  response.statusCode = mode === 'unready' ? 503 : 200;
  response.end(JSON.stringify({ secret: process.env.SECRET ?? null, given: process.env.GIVEN ?? null }));
}).listen(Number(port), '127.0.0.1');
`;

const ALL_BUT_PERFORMANCE = [
  'Date',
  'hrtime',
  'nextTick',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('startService', () => {
  const never = new AbortController().signal;
  let folder: string;
  let port: number;
  const command = (mode: string, rest: Partial<ServiceCommand> = {}): ServiceCommand => ({
    title: 'The service',
    script: join(folder, 'service.mjs'),
    args: [String(port), mode],
    env: { GIVEN: 'yes' },
    logFile: join(folder, 'service.log'),
    readyUrl: `http://127.0.0.1:${port}/`,
    readyTimeoutMs: 120_000,
    stopTimeoutMs: 120_000,
    ...rest,
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mooring-start-'));
    await writeFile(join(folder, 'service.mjs'), SERVICE);
    port = await findFreePort();
  });
  afterEach(async () => {
    jest.useRealTimers();
    delete process.env['SECRET'];
    await rm(folder, { recursive: true, force: true });
  });

  it('is ready when it answers, has only the environment it was given, and ends when asked', async () => {
    process.env['SECRET'] = 'of the caller';
    const service = await startService(command('plain'), never);
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(await answer.json()).toEqual({ secret: null, given: 'yes' });
    await service.stop();
    expect(isAlive(service.pid)).toBe(false);
  });

  it('kills one that does not end when asked', async () => {
    const service = await startService(command('stubborn', { stopTimeoutMs: 100 }), never);
    await service.stop();
    expect(isAlive(service.pid)).toBe(false);
  });

  it('tells of an end that nobody asked for, with what it wrote last', async () => {
    const service = await startService(command('plain'), never);
    await fetch(`http://127.0.0.1:${port}/die`).catch(() => undefined);
    const failure = await service.failed;
    expect(failure).toMatchObject({ code: 'process_failed' });
    expect(failure.message).toMatch(/The service ended with exit code 3[^]*about to die/);
    await service.stop();
  });

  it('explains a service that ends at once', async () => {
    await writeFile(join(folder, 'service.mjs'), `throw new Error('no configuration')`);
    await expect(startService(command('plain'), never)).rejects.toThrow(/exit code 1[^]*no configuration/);
  });

  it('explains a service that is not ready in time, and leaves none running', async () => {
    jest.useFakeTimers({ doNotFake: [...ALL_BUT_PERFORMANCE] });
    const refused = expect(startService(command('unready', { readyTimeoutMs: 700 }), never)).rejects.toThrow(
      /not ready after 0.7 s \(status 503/,
    );
    // When it asks again it has the first answer.
    await until(async () => ((await readFile(join(folder, 'service.log'), 'utf8')).match(/asked/g) ?? []).length > 1);
    jest.advanceTimersByTime(701);
    await refused;
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  it('explains a service that was never built', async () => {
    await expect(startService(command('plain', { script: join(folder, 'none.js') }), never)).rejects.toMatchObject({
      code: 'not_built',
    });
  });

  it('gives up when it is told to', async () => {
    const stop = new AbortController();
    const starting = startService(command('unready'), stop.signal);
    await until(() =>
      fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      ),
    );
    stop.abort(new Error('enough'));
    await expect(starting).rejects.toThrow('enough');
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });
});
