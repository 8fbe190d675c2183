import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSessionId, partitionOf } from '@mooring/session-store';
import type { SessionRecord } from '@mooring/session-store';
import { startFaultProxy, startRedis } from '@mooring/services';
import type { RedisServer } from '@mooring/services';
import { Redis } from 'ioredis';
import { createRedisCopies } from '../index.ts';
import type { RedisCopies } from '../index.ts';
import { digest, direct, dump, eventually, failure } from '../redis.fixture.ts';
import { Wire } from '../wire.fixture.ts';

let server: RedisServer;
let copies: RedisCopies;

beforeAll(async () => {
  server = await startRedis();
  copies = await createRedisCopies({ url: server.url, namespace: 'copies:{*}' });
});

afterAll(async () => {
  await copies?.close();
  await server?.stop();
});

function record(change: Partial<SessionRecord> = {}): SessionRecord {
  const { tenantId = 'acme', subjectId = 'ann' } = change;
  return {
    tenantId,
    id: newSessionId({ tenantId, subjectId }),
    subjectId,
    data: { a: 1 },
    version: 1,
    createdAt: 1000,
    authenticatedAt: 1000,
    lastSeenAt: 2000,
    idleTimeoutMs: 60_000,
    idleExpiresAt: 62_000,
    absoluteExpiresAt: 3_600_000,
    verifier: digest('a'),
    rotatedAt: null,
    ...change,
  };
}

/** As a reader does: a search, then what the authority answered. */
async function kept(session: SessionRecord, epoch = 'e'): Promise<boolean> {
  const { marks } = await copies.find(epoch, session);
  return copies.keep({ epoch, record: session, marks, ttlMs: 60_000 });
}

/** The marks of the tenant's partition are there afterwards. */
async function marked(session: SessionRecord): Promise<void> {
  const { marks } = await copies.find('e', session);
  if (marks.startsWith('\n') || marks.endsWith('\n')) expect(await kept(session)).toBe(false);
}

async function found(session: SessionRecord, epoch = 'e'): Promise<SessionRecord | undefined> {
  return (await copies.find(epoch, session)).record;
}

describe('copies in Redis', () => {
  it('what is kept is found as it was, in its epoch only', async () => {
    const data = JSON.parse('{"__proto__":{"a":[]},"":"ü🙂\\n"}') as SessionRecord['data'];
    const session = record({ subjectId: null, data, rotatedAt: 3000, verifier: null });
    await marked(session);
    expect(await kept(session)).toBe(true);
    expect(await found(session)).toEqual(session);
    expect(JSON.stringify((await found(session))?.data)).toBe(JSON.stringify(data));
    expect(await found(session, 'other')).toBeUndefined();
    expect(await found({ ...session, tenantId: 'other' })).toBeUndefined();
  });

  it('a copy whose session was forgotten since its marks is dropped', async () => {
    const session = record();
    await marked(session);
    const { marks } = await copies.find('e', session);
    await copies.forget(session);
    expect(await copies.keep({ epoch: 'e', record: session, marks, ttlMs: 60_000 })).toBe(false);
    expect(await found(session)).toBeUndefined();
    expect(await kept(session)).toBe(true);
    await copies.forget(session);
    expect(await found(session)).toBeUndefined();
  });

  it('a successor is kept unless something else was forgotten since its marks', async () => {
    const session = record();
    await marked(session);
    await kept(session);
    const { marks } = await copies.find('e', session);
    const successor = { epoch: 'e', record: { ...session, version: 2 }, marks, ttlMs: 60_000 };
    await copies.forget(session, successor);
    expect(await found(session)).toEqual(successor.record);
    await copies.forget(session, { ...successor, record: { ...session, version: 3 } });
    expect(await found(session)).toBeUndefined();
  });

  it('a successor drops what was read before it', async () => {
    const session = record();
    await marked(session);
    const { marks } = await copies.find('e', session);
    const successor = { ...session, lastSeenAt: 3000 };
    await copies.forget(session, { epoch: 'e', record: successor, marks, ttlMs: 60_000 });
    expect(await copies.keep({ epoch: 'e', record: session, marks, ttlMs: 60_000 })).toBe(false);
    expect(await found(session)).toEqual(successor);
  });

  it('forgetting a subject forgets all its sessions, those under way, and no other partition', async () => {
    const [one, other, late] = [record(), record(), record()];
    const apart = record({ subjectId: 'bob' });
    expect(partitionOf('acme', 'bob')).not.toBe(partitionOf('acme', 'ann'));
    await kept(one);
    for (const session of [one, other, apart, apart]) await kept(session);
    const { marks } = await copies.find('e', late);
    await copies.forgetSubject('acme', 'ann');
    expect(await copies.keep({ epoch: 'e', record: late, marks, ttlMs: 60_000 })).toBe(false);
    expect([await found(one), await found(other), await found(late)]).toEqual([undefined, undefined, undefined]);
    expect(await found(apart)).toEqual(apart);
    expect(await kept(late)).toBe(true);
  });

  it.each([':copies:valid', ':copies:guard'])(
    'the loss of a mark (%s) loses copies and brings none back',
    async (mark) => {
      const session = record({ tenantId: `lost${mark}` });
      await marked(session);
      await kept(session);
      const before = await copies.find('e', session);
      const remove = () =>
        direct(server.url, async (redis) => {
          for (const key of await redis.keys(`*:lost*${mark}`)) await redis.del(key);
        });
      await remove();
      await copies.forget(session);
      await remove();
      const copy = { epoch: 'e', record: session, marks: before.marks, ttlMs: 60_000 };
      expect(await copies.keep(copy)).toBe(false);
      expect(await copies.keep({ ...copy, marks: '\n' })).toBe(false);
      expect(await found(session)).toBeUndefined();
      expect(await kept(session)).toBe(true);
    },
  );

  it('a damaged copy is none', async () => {
    const session = record({ tenantId: 'damaged' });
    await marked(session);
    await kept(session);
    const damage = (change: (text: string) => string) =>
      direct(server.url, async (redis) => {
        const [key = ''] = await redis.keys(`*:damaged:*:copy:${session.id}`);
        await redis.set(key, change((await redis.get(key)) ?? ''), 'KEEPTTL');
      });
    await damage((text) => text.slice(0, -1));
    expect(await found(session)).toBeUndefined();
    await damage((text) => text.replace(/\[.*/s, '[1]'));
    expect(await found(session)).toBeUndefined();
  });

  it('each operation is one command with its keys in one slot, and every key has an end', async () => {
    const wire = await Wire.watch([server.url]);
    const session = record();
    const { marks } = await copies.find('e', session);
    const copy = { epoch: 'e', record: session, marks, ttlMs: 60_000 };
    for (const operation of [
      () => copies.find('e', session),
      () => copies.keep(copy),
      () => copies.forget(session),
      () => copies.forget(session, copy),
      () => copies.forgetSubject('acme', 'ann'),
    ]) {
      await operation();
      const commands = await wire.during(operation);
      expect(commands).toHaveLength(1);
      for (const key of commands[0]?.declared ?? []) {
        expect(key).toMatch(/^copies%3A%7B%2A%7D:acme:\{[0-9a-f]{2}\}:cop(y|ies):/);
      }
      for (const key of commands[0]?.touched ?? []) expect(commands[0]?.declared).toContain(key);
    }
    expect((await wire.during(() => copies.find('e', session)))[0]?.name).toBe('mget');
    wire.stop();
    await direct(server.url, async (redis) => {
      for (const key of await redis.keys('*')) expect([key, (await redis.pttl(key)) > 0]).toEqual([key, true]);
    });
    expect(await dump(server.url)).toContain('copies:guard');
  });
});

describe('the incarnation of a Redis', () => {
  it('is the same over a lost connection, another after a restart', async () => {
    const own = await startRedis();
    const mine = await createRedisCopies({ url: own.url, namespace: 'n' });
    const [first, interruptions] = [await mine.incarnation(), mine.interruptions];
    expect(await mine.incarnation()).toBe(first);
    await direct(own.url, (redis) => redis.client('KILL', 'TYPE', 'normal'));
    await eventually(
      async () => mine.interruptions,
      (count) => count > interruptions,
    );
    expect(
      await eventually(
        () => mine.incarnation(),
        () => true,
      ),
    ).toBe(first);
    await own.kill();
    await own.restart();
    await eventually(
      () => mine.incarnation(),
      (next) => next !== first,
    );
    await mine.close();
    await own.stop();
  });

  it('is another once a replica was promoted, and none while it is a replica', async () => {
    const replica = await startRedis();
    const mine = await createRedisCopies({ url: replica.url, namespace: 'n' });
    const first = await mine.incarnation();
    await direct(replica.url, (redis) => redis.replicaof('127.0.0.1', String(server.port)));
    expect(await failure(mine.incarnation())).toMatchObject({ code: 'unavailable' });
    await direct(replica.url, (redis) => redis.replicaof('NO', 'ONE'));
    expect(await mine.incarnation()).not.toBe(first);
    await mine.close();
    await replica.stop();
  });

  it('is another for another place in the same memory', async () => {
    const names = new Set<string>();
    for (const options of [
      { url: server.url, namespace: 'one' },
      { url: `${server.url}/0`, namespace: 'one' },
      { url: `${server.url}/1`, namespace: 'one' },
      { url: server.url, namespace: 'two' },
      { client: new Redis(server.url, { keyPrefix: 'p:' }), namespace: 'one' },
    ]) {
      const mine = await createRedisCopies(options);
      names.add(await mine.incarnation());
      await mine.close();
      options.client?.disconnect();
    }
    expect(names.size).toBe(4);
  });

  it('is of the server, not of the client', async () => {
    const client = new Redis(server.url);
    const given = await createRedisCopies({ client, namespace: 'copies:{*}' });
    expect(await given.incarnation()).toBe(await copies.incarnation());
    await given.close();
    expect(await failure(given.incarnation())).toMatchObject({ code: 'closed' });
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });
});

describe('faults', () => {
  it('no server at first: copies that wait for it, and say why', async () => {
    const own = await startRedis();
    await own.kill();
    const mine = await createRedisCopies({ url: own.url, namespace: 'late', connectTimeoutMs: 500 });
    expect(await failure(mine.find('e', record()))).toMatchObject({ code: 'unavailable', outcome: 'not_applied' });
    await own.restart();
    await eventually(
      () => mine.incarnation(),
      () => true,
    );
    await mine.close();
    await own.stop();
  });

  it('a wrong password is told by the incarnation, and is in no error', async () => {
    const own = await startRedis();
    await direct(own.url, (redis) => redis.config('SET', 'requirepass', 'hunter2'));
    const mine = await createRedisCopies({ url: own.url, password: 'letmein', namespace: 'n', connectTimeoutMs: 500 });
    const error = await failure(mine.incarnation());
    expect(error.code).toBe('misconfigured');
    expect(`${error.message}${error.stack ?? ''}${String(error.cause)}`).not.toMatch(/letmein|hunter2/);
    await mine.close();
    await own.stop();
  });

  it('a server that hangs: a timeout', async () => {
    const proxy = await startFaultProxy({ target: server.url });
    const mine = await createRedisCopies({ url: proxy.url(server.url), namespace: 'hung', commandTimeoutMs: 50 });
    proxy.hang();
    expect(await failure(mine.find('e', record()))).toMatchObject({ code: 'timeout', outcome: 'unknown' });
    proxy.heal();
    await eventually(
      () => mine.find('e', record()),
      () => true,
    );
    await mine.close();
    await proxy.close();
  });
});
