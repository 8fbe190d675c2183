import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';

let echo: Server;
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: (echo.address() as AddressInfo).port } });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

function open(): Socket {
  const client = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
  clients.push(client);
  return client;
}

function untilClosed(client: Socket): Promise<unknown> {
  return new Promise((resolve) => client.once('close', resolve));
}

async function exchange(client: Socket, text: string): Promise<string> {
  client.write(text);
  const [answer] = (await once(client, 'data')) as [Buffer];
  return answer.toString();
}

it('passes bytes both ways, counts connections, and passes the end on', async () => {
  const client = open();
  expect(await exchange(client, 'ahoy')).toBe('ahoy');
  expect(proxy.connections).toBe(1);
  client.end();
  client.resume();
  await untilClosed(client);
});

it('rewrites URLs and nothing else in them', () => {
  expect(proxy.url('postgres://u:p@db.example:5432/name?x=1')).toBe(`postgres://u:p@127.0.0.1:${proxy.port}/name?x=1`);
});

it('resets old and new connections when cut, until healed', async () => {
  const client = open();
  await exchange(client, 'ahoy');
  const closed = untilClosed(client);
  proxy.cut();
  await closed;
  await untilClosed(open());
  proxy.heal();
  expect(await exchange(open(), 'again')).toBe('again');
});

it('lets nothing through while it hangs, and loses nothing', async () => {
  const client = open();
  await exchange(client, 'ahoy');
  proxy.hang();
  let received = '';
  client.on('data', (chunk: Buffer) => (received += chunk.toString()));
  client.write('held');
  const late = open();
  await once(late, 'connect');
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect([received, client.destroyed, late.destroyed]).toEqual(['', false, false]);
  const healed = once(client, 'data');
  proxy.heal();
  await healed;
  expect(received).toBe('held');
});

it('delays both directions', async () => {
  const client = open();
  await exchange(client, 'ahoy');
  proxy.delay(40);
  const start = performance.now();
  expect(await exchange(client, 'slow')).toBe('slow');
  expect(performance.now() - start).toBeGreaterThanOrEqual(75);
});

it('closes a connection when its target is not there', async () => {
  const dead = await startFaultProxy({ target: 'redis://127.0.0.1:1' });
  const client = connect(dead.port, '127.0.0.1').on('error', () => undefined);
  client.resume();
  await untilClosed(client);
  await dead.close();
});
