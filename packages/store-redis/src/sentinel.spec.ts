import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRedis } from '@mooring/services';
import type { RedisServer } from '@mooring/services';
import type { Redis } from 'ioredis';
import { freePort } from './cluster.fixture.ts';
import { createRedisStore } from './index.ts';
import { PretendSentinel } from './pretend-sentinel.fixture.ts';
import { direct, eventually, failure, newSession } from './redis.fixture.ts';

let master: RedisServer;
let replica: RedisServer;
let sentinel: ChildProcess;
let folder: string;
let port: number;

/** A sentinel needs a configuration file that it can write, so it is started here. */
beforeAll(async () => {
  master = await startRedis();
  replica = await startRedis();
  await direct(replica.url, (redis) => redis.replicaof('127.0.0.1', String(master.port)));
  await eventually(
    () => direct(replica.url, (redis) => redis.info('replication')),
    (info) => info.includes('master_link_status:up'),
  );
  folder = await mkdtemp(join(tmpdir(), 'mooring-sentinel-'));
  // Somebody else may have taken the port meanwhile.
  do await startSentinel();
  while (sentinel.exitCode !== null);
});

async function startSentinel(): Promise<void> {
  port = await freePort();
  const file = join(folder, 'sentinel.conf');
  await writeFile(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor main 127.0.0.1 ${master.port} 1`,
      // Less, and it would depose a master that a busy machine held up.
      'sentinel down-after-milliseconds main 3000',
      'sentinel failover-timeout main 10000',
    ].join('\n'),
  );
  sentinel = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  const started = sentinel;
  await eventually(
    async () => started.exitCode ?? (await direct(`redis://127.0.0.1:${port}`, replicasOf)),
    (replicas) => typeof replicas === 'number' || replicas.length === 1,
  );
}

/** How far the replication of a server is, in bytes. */
async function offsetOf(server: RedisServer, field: string): Promise<number> {
  const info = await direct(server.url, (redis) => redis.info('replication'));
  return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1] ?? -1);
}

async function replicasOf(redis: Redis): Promise<readonly unknown[]> {
  return (await redis.call('SENTINEL', 'REPLICAS', 'main')) as unknown[];
}

afterAll(async () => {
  if (sentinel?.exitCode === null) {
    sentinel.kill();
    await once(sentinel, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
  await master?.stop();
  await replica?.stop();
});

describe('sentinel', () => {
  it('a master that is killed: the store goes on with the replica, and what it has', async () => {
    const store = await createRedisStore({
      sentinel: { name: 'main', nodes: [{ host: '127.0.0.1', port }] },
      namespace: 'main',
      commandTimeoutMs: 10_000,
    });
    const session = newSession();
    const revoked = newSession();
    await store.sessions.create(session);
    await store.sessions.create(revoked);
    await store.sessions.revoke(revoked, 'logout');
    const written = await offsetOf(master, 'master_repl_offset');
    await eventually(
      () => offsetOf(replica, 'slave_repl_offset'),
      (received) => received >= written,
    );
    await master.kill();
    const error = await failure(store.sessions.get(session));
    expect([error.code, error.retryable]).toEqual(['unavailable', true]);
    await eventually(
      () => store.sessions.create(newSession()),
      ({ ok }) => ok,
    );
    expect((await store.sessions.get(session)).ok).toBe(true);
    expect(await store.sessions.get(revoked)).toEqual({ ok: false, reason: 'revoked' });
    await store.close();
  });

  it('sentinels that tell of another master while one is asked for it: the store goes on with that one', async () => {
    const [first, second] = [await startRedis(), await startRedis()];
    const pretended = await PretendSentinel.start(first.port);
    const store = await createRedisStore({
      sentinel: { name: 'main', nodes: [{ host: '127.0.0.1', port: pretended.port }] },
      namespace: 'told',
      commandTimeoutMs: 10_000,
    });
    const until = (isSo: () => boolean): Promise<boolean> => eventually(async () => isSo(), Boolean);
    await until(() => pretended.subscribed > 0);
    pretended.hold();
    await first.kill();
    await until(() => pretended.asking.length > 0);
    pretended.switchTo(second.port);
    await until(() => pretended.subscribed === 0);
    pretended.answer(second.port);
    await eventually(
      () => store.sessions.create(newSession()),
      ({ ok }) => ok,
    );
    await store.close();
    await pretended.stop();
    await first.stop();
    await second.stop();
  });

  it('a name that no sentinel knows is an error in time', async () => {
    const error = await failure(
      createRedisStore({
        sentinel: { name: 'other', nodes: [{ host: '127.0.0.1', port }] },
        namespace: 'n',
        connectTimeoutMs: 2000,
      }),
    );
    expect(error.code).toMatch(/misconfigured|unavailable|timeout/);
  });
});
