import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startClientProcess } from '@mooring/services';
import type { ClientProcess } from '@mooring/services';
import type { Answer, ThrottledApp } from './throttled-app.fixture.ts';

let folder: string;
let first: ClientProcess<ThrottledApp>;
let second: ClientProcess<ThrottledApp>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-throttler-'));
  [first, second] = await Promise.all([start(), start()]);
});
afterAll(async () => {
  await Promise.all([first.end(), second.end()]);
  await rm(folder, { recursive: true });
});

function start(): Promise<ClientProcess<ThrottledApp>> {
  const module = new URL('./throttled-app.fixture.ts', import.meta.url);
  return startClientProcess({ module, open: 'openThrottledApp', options: { file: join(folder, 'store.db') } });
}

const statuses = (answers: readonly Answer[]): number[] => answers.map(({ status }) => status);
const count = (answers: readonly Answer[], wanted: number): number =>
  answers.filter(({ status }) => status === wanted).length;

describe('the guard of @nestjs/throttler, in two processes', () => {
  it('admits 30 of 200 requests at once', async () => {
    const answers = (await Promise.all([first.store.get('/page', 100), second.store.get('/page', 100)])).flat();
    expect([count(answers, 200), count(answers, 429)]).toEqual([30, 170]);
    expect((await first.store.handled('/page')) + (await second.store.handled('/page'))).toBe(30);
    const remaining = answers.flatMap(({ headers }) => headers['x-ratelimit-remaining'] ?? []).map(Number);
    expect(remaining.sort((one, other) => one - other)).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  it('tells in headers what is left and when to come back', async () => {
    const [news] = await first.store.get('/news', 1);
    expect(news?.headers).toEqual({
      'x-ratelimit-limit': '30',
      'x-ratelimit-remaining': '29',
      'x-ratelimit-reset': '3600',
    });
    await second.store.get('/news', 29);
    const [refused] = await first.store.get('/news', 1);
    expect(refused?.status).toBe(429);
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(3500);
    expect(statuses(await first.store.get('/free', 3))).toEqual([200, 200, 200]);
  });

  it('blocks in both for longer than the window', async () => {
    const answers = (await Promise.all([first.store.get('/login', 20), second.store.get('/login', 20)])).flat();
    expect([count(answers, 200), count(answers, 429)]).toEqual([2, 38]);
    for (const process of [first, second]) {
      const [answer] = await process.store.get('/login', 1);
      expect(answer?.status).toBe(429);
      expect(Number(answer?.headers['retry-after'])).toBeGreaterThan(3500);
    }
  });

  it('lets nothing through when the store fails', async () => {
    const third = await start();
    await third.store.closeStore();
    expect(statuses(await third.store.get('/login', 2))).toEqual([500, 500]);
    expect(statuses(await third.store.get('/page', 2))).toEqual([500, 500]);
    expect([await third.store.handled('/login'), await third.store.handled('/page')]).toEqual([0, 0]);
    await third.end();
  });
});
