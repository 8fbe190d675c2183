import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { preparedOperations } from '@mooring/session-store-testkit';
import { startRedis } from '@mooring/services';
import type { RedisServer } from '@mooring/services';
import { createRedisStore } from './index.ts';
import type { RedisStore } from './index.ts';
import { direct, newSession } from './redis.fixture.ts';
import { Wire } from './wire.fixture.ts';

let server: RedisServer;
let store: RedisStore;
let wire: Wire;

beforeAll(async () => {
  server = await startRedis();
  store = await createRedisStore({ url: server.url, namespace: 'wire:{*}' });
  wire = await Wire.watch([server.url]);
});

afterAll(async () => {
  wire?.stop();
  await store?.close();
  await server?.stop();
});

describe('wire budget', () => {
  it('is one command for each operation, with all its keys declared', async () => {
    for (const { name, run } of await preparedOperations(store, { now: Date.now(), word: '{*}' })) {
      if (name.startsWith('sweep')) continue;
      const commands = await wire.during(() => run(store));
      expect([name, commands.map((command) => command.name)]).toEqual([name, [expect.any(String)]]);
      const [command] = commands;
      for (const key of command?.touched ?? [])
        expect([name, command?.declared]).toEqual([name, expect.arrayContaining([key])]);
      for (const key of command?.declared ?? []) expect(key).toMatch(/^wire%3A%7B%2A%7D:[^{]*\{[^{}]+\}:/);
    }
  });

  it('is a digest and no text once the script is loaded', async () => {
    const session = newSession();
    await store.sessions.create(session);
    await store.sessions.get(session);
    expect((await wire.during(() => store.sessions.get(session))).map(({ name }) => name)).toEqual(['evalsha']);
  });

  it('S-07: a touch that is not due writes nothing', async () => {
    const session = newSession();
    await store.sessions.create(session);
    const changes = () =>
      direct(
        server.url,
        async (redis) => /rdb_changes_since_last_save:(\d+)/.exec(await redis.info('persistence'))?.[1],
      );
    const before = await changes();
    await store.sessions.touch(session, { minIntervalMs: 60_000 });
    expect(await changes()).toBe(before);
    await store.sessions.touch(session);
    expect(await changes()).not.toBe(before);
  });

  it('scripts that were flushed are sent again, and the operation counts once', async () => {
    const rule = { limit: 10, windowMs: 60_000 };
    const key = { tenantId: 'acme', name: 'flushed' };
    await store.limits.consume(key, rule);
    await direct(server.url, (redis) => redis.script('FLUSH'));
    expect(await store.limits.consume(key, rule)).toMatchObject({ allowed: true, remaining: 8 });
    expect((await store.limits.peek(key, rule)).remaining).toBe(8);
  });
});
