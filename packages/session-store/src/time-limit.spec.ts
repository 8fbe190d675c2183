import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TimeLimit } from './time-limit.ts';

const overdue = (limitMs: number): Error => new Error(`longer than ${limitMs} ms`);
const never = (): Promise<never> => new Promise(() => {});

describe('a time limit', () => {
  // Its timer alone keeps no process alive, not that of Jest either.
  let alive: NodeJS.Timeout;
  beforeEach(() => {
    alive = setInterval(() => {}, 1000);
  });
  afterEach(() => clearInterval(alive));

  it('hands on what comes in time, a failure too', async () => {
    const limit = new TimeLimit(10_000);
    await expect(limit.of(Promise.resolve(7), overdue)).resolves.toBe(7);
    await expect(limit.of(Promise.reject(new Error('refused')), overdue)).rejects.toThrow('refused');
  });

  it('ends each call that takes too long, and none that does not', async () => {
    const limit = new TimeLimit(50);
    const first = limit.of(never(), overdue);
    const second = limit.of(never(), overdue);
    const quick = limit.of(Promise.resolve('quick'), overdue);
    const late = expect(limit.of(never(), overdue)).rejects.toThrow('longer than 50 ms');
    await expect(quick).resolves.toBe('quick');
    await expect(first).rejects.toThrow('longer than 50 ms');
    await expect(second).rejects.toThrow('longer than 50 ms');
    await late;
  });

  it('watches calls that begin after all before them have ended', async () => {
    const limit = new TimeLimit(30);
    await expect(limit.of(never(), overdue)).rejects.toThrow('longer than 30 ms');
    await expect(limit.of(Promise.resolve(1), overdue)).resolves.toBe(1);
    await expect(limit.of(never(), overdue)).rejects.toThrow('longer than 30 ms');
  });

  it('of a process that stood still does not end what was answered meanwhile', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [peer] = (await once(server, 'connection')) as [Socket];
    const answer = new TimeLimit(50).of(once(client, 'data'), overdue);
    peer.end('answer');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    try {
      await expect(answer).resolves.toHaveLength(1);
    } finally {
      client.destroy();
      await new Promise((resolve) => void server.close(resolve));
    }
  });

  it('drops an answer that comes after the end', async () => {
    const limit = new TimeLimit(20);
    let answer: (value: string) => void = () => {};
    const begun = new Promise<string>((resolve) => (answer = resolve));
    await expect(limit.of(begun, overdue)).rejects.toThrow('longer than 20 ms');
    answer('too late');
    await begun;
    await expect(limit.of(Promise.resolve('next'), overdue)).resolves.toBe('next');
  });
});
