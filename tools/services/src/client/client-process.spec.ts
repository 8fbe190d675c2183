import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { isProcessAlive } from '../process/process-tree.ts';
import { startClientProcess } from './client-process.ts';
import type { ClientProcess } from './client-process.ts';
import type { CountingStore } from './counting-store.fixture.ts';

let folder: string;
let client: ClientProcess<CountingStore>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-spec-'));
  client = await start();
});
afterEach(async () => {
  await client.kill();
  await rm(folder, { recursive: true });
});

function start(options: object = {}): Promise<ClientProcess<CountingStore>> {
  const module = new URL('./counting-store.fixture.ts', import.meta.url);
  return startClientProcess({ module, open: 'openCounting', options: { file: join(folder, 'log'), ...options } });
}

const log = async (): Promise<string[]> => (await readFile(join(folder, 'log'), 'utf8')).split('\n').slice(0, -1);

it('answers each call, of any number at once, with what the store answered', async () => {
  const counts = await Promise.all(Array.from({ length: 50 }, () => client.store.counters.add('a')));
  expect(counts.toSorted((left, right) => left - right)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  expect(await client.store.counters.add('b', 5)).toBe(5);
});

it('is a process of its own: another one has a store of its own', async () => {
  const other = await start();
  expect(other.pid).not.toBe(client.pid);
  expect([await client.store.counters.add('a'), await other.store.counters.add('a')]).toEqual([1, 1]);
  await other.end();
});

it('passes failures on with what they say', async () => {
  const failure = { name: 'StoreError', message: 'the server is away', code: 'unavailable', outcome: 'unknown' };
  await expect(client.store.fail()).rejects.toMatchObject({ ...failure, retryable: true, operation: 'fail' });
  await expect(start({ away: true })).rejects.toMatchObject(failure);
});

it('that is killed fails what it has not answered, and keeps what it has', async () => {
  const hanging = client.store.hang().catch((error: Error) => error.message);
  const adds = Array.from({ length: 500 }, () => client.store.counters.add('a').catch(() => 'lost'));
  await Promise.all(adds.slice(0, 101));
  await client.kill();
  expect(await hanging).toContain('SIGKILL');
  const answered = (await Promise.all(adds)).filter((answer) => answer !== 'lost');
  expect(answered.length).toBeGreaterThan(100);
  expect((await log()).length).toBeGreaterThanOrEqual(answered.length);
  expect(isProcessAlive(client.pid)).toBe(false);
  await expect(client.store.counters.add('a')).rejects.toThrow('has ended');
});

it('closes its store when it is let go, and says so when it ends in another way', async () => {
  await client.store.counters.add('a');
  await client.end();
  expect(await log()).toEqual(['a', 'closed']);
  const careless = await start();
  await careless.store.forget();
  await expect(careless.end()).rejects.toThrow(/exit code 1\n[^]*nobody listens/);
});
