import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRedis } from '@mooring/services';
import type { RedisServer } from '@mooring/services';
import { freePort } from './cluster.fixture.ts';
import { createRedisStore } from './index.ts';
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
  port = await freePort();
  const file = join(folder, 'sentinel.conf');
  await writeFile(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor main 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds main 300',
      'sentinel failover-timeout main 3000',
    ].join('\n'),
  );
  sentinel = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  await eventually(
    () => direct(`redis://127.0.0.1:${port}`, (redis) => redis.call('SENTINEL', 'REPLICAS', 'main')),
    (replicas) => (replicas as unknown[]).length === 1,
  );
});

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
      commandTimeoutMs: 500,
    });
    const session = newSession();
    const revoked = newSession();
    await store.sessions.create(session);
    await store.sessions.create(revoked);
    await store.sessions.revoke(revoked, 'logout');
    await direct(master.url, (redis) => redis.wait(1, 5000));
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

  it('a name that no sentinel knows is an error in time', async () => {
    const error = await failure(
      createRedisStore({
        sentinel: { name: 'other', nodes: [{ host: '127.0.0.1', port }] },
        namespace: 'n',
        connectTimeoutMs: 1000,
      }),
    );
    expect(error.code).toMatch(/misconfigured|unavailable|timeout/);
  });
});
