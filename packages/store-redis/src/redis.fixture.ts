import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { newSessionId } from '@mooring/session-store';
import type { NewSession, StoreError } from '@mooring/session-store';
import { Redis } from 'ioredis';

export function digest(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

export function newSession(change: Partial<NewSession> = {}): NewSession {
  const { tenantId = 'acme', subjectId = 'ann' } = change;
  const id = newSessionId({ tenantId, subjectId });
  return { id, data: { a: 1 }, idleTimeoutMs: 60_000, lifetimeMs: 3_600_000, ...change, tenantId, subjectId };
}

export function times<T>(count: number, call: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => call(index));
}

export async function failure(call: Promise<unknown>): Promise<StoreError> {
  return call.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => error as StoreError,
  );
}

/** Asks again until the answer fits. */
export async function eventually<T>(
  ask: () => Promise<T>,
  fits: (answer: T) => boolean,
  limitMs = 120_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (fits(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await setTimeout(20);
  }
  throw new Error(`not within ${limitMs} ms; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
}

/** Runs commands on one server, past the store. */
export async function direct<T>(url: string, call: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  redis.on('error', () => {});
  try {
    return await call(redis);
  } finally {
    redis.disconnect();
  }
}

/** Every key and value of a server, as text. */
export function dump(url: string): Promise<string> {
  return direct(url, async (redis) => {
    const parts: string[] = [];
    for await (const keys of redis.scanStream({ count: 1000 })) {
      for (const key of keys as string[]) parts.push(key, await valueOf(redis, key));
    }
    return parts.join('\n');
  });
}

export async function valueOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, 0, -1));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    default:
      return (await redis.get(key)) ?? '';
  }
}
