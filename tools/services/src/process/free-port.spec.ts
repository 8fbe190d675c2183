import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { startClientProcess } from '../client/client-process.ts';
import { openPortFinder } from './free-port.fixture.ts';
import type { PortFinder } from './free-port.fixture.ts';

const COUNT = 300;

it('is of nobody else who asks, here or in another process, also while its server is down', async () => {
  const here = await openPortFinder();
  const module = new URL('./free-port.fixture.ts', import.meta.url);
  const there = await startClientProcess<PortFinder>({ module, open: 'openPortFinder', options: {} });
  const found = [await here.find(COUNT), await there.store.find(COUNT)].flat();
  await there.end();
  expect(new Set(found).size).toBe(2 * COUNT);
});

it('can be listened on, and is none that the system gives away', async () => {
  const [port = 0] = await (await openPortFinder()).find(1);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  await new Promise((resolve) => server.close(resolve));
  expect(port).toBeLessThan(32_768);
});
