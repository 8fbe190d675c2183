import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startRedis } from './redis-server.ts';
import { runRedisCommands } from './resp.ts';
import { testRedis } from './test-redis.ts';

describe('a temporary server', () => {
  it('answers, forgets in a crash, and starts again on its port', async () => {
    const server = await startRedis({ settings: { maxmemory: '64mb' } });
    const replies = await runRedisCommands(server.url, [
      ['CONFIG', 'GET', 'maxmemory'],
      ['SET', 'ship', 'Ä\r\nB'],
      ['GET', 'ship'],
      ['GET', 'none'],
      ['INCR', 'count'],
    ]);
    expect(replies).toEqual([['maxmemory', '67108864'], 'OK', 'Ä\r\nB', null, 1]);
    await server.kill();
    await expect(runRedisCommands(server.url, [['PING']])).rejects.toThrow();
    await server.restart();
    expect(await runRedisCommands(server.url, [['GET', 'ship']])).toEqual([null]);
    await server.stop();
    await expect(runRedisCommands(server.url, [['PING']])).rejects.toThrow();
  });

  it('asks for its password, also after a crash', async () => {
    const server = await startRedis({ password: 'a/b@c' });
    await server.kill();
    await server.restart();
    const open = new URL(server.url);
    open.password = '';
    await expect(runRedisCommands(open.href, [['PING']])).rejects.toThrow(/NOAUTH/);
    expect(await runRedisCommands(server.url, [['PING']])).toEqual(['PONG']);
    await server.stop();
  });

  it('fails at an error reply', async () => {
    const server = await startRedis();
    await expect(runRedisCommands(server.url, [['NOSUCH']])).rejects.toThrow(/unknown command/);
    await server.stop();
  });
});

describe('a folder that stays', () => {
  it('brings back what was written', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'mooring-spec-'));
    const first = await startRedis({ dataDir });
    await runRedisCommands(first.url, [['SET', 'ship', 'Anna']]);
    await first.stop();
    const second = await startRedis({ dataDir });
    expect(await runRedisCommands(second.url, [['GET', 'ship']])).toEqual(['Anna']);
    await second.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
});

describe('with a server of somebody else', () => {
  it('removes only the keys under its own prefixes', async () => {
    const server = await startRedis();
    const redis = await testRedis(server.url);
    const prefix = redis.createPrefix();
    const other = redis.createPrefix();
    expect(other).not.toBe(prefix);
    const writes = Array.from({ length: 2500 }, (_, n) => ['SET', `${prefix}${n}`, 'x']);
    await runRedisCommands(server.url, [...writes, ['SET', `{${other}tenant}`, 'x'], ['SET', 'theirs', 'x']]);
    await redis.stop();
    expect(await runRedisCommands(server.url, [['KEYS', '*']])).toEqual([['theirs']]);
    await server.stop();
  });

  it('says what to do when it does not answer', async () => {
    await expect(testRedis('redis://:secret@127.0.0.1:1')).rejects.toThrow(/^Redis at 127\.0\.0\.1:1 does.*Remedy/);
  });
});
