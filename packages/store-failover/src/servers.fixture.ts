import { setTimeout } from 'node:timers/promises';
import { startRedis, testPostgres } from '@mooring/services';
import type { RedisServer, TestPostgres } from '@mooring/services';
import { createPostgresStore } from '@mooring/store-postgres';
import type { PostgresStore, PostgresStoreOptions } from '@mooring/store-postgres';
import { createRedisCopies } from '@mooring/store-redis';
import type { RedisCopies, RedisCopiesOptions } from '@mooring/store-redis';

/** Limits of what a spec does not make wait: the machine is busy with other tests. */
export const PATIENT = {
  postgres: { statementTimeoutMs: 60_000, connectionTimeoutMs: 60_000 },
  redis: { commandTimeoutMs: 60_000, connectTimeoutMs: 60_000 },
} as const;

/** A database and a Redis of their own for one spec file, and what was opened on them. */
export class Servers {
  private readonly closers: (() => Promise<unknown>)[] = [];

  private constructor(
    private readonly postgres: TestPostgres,
    readonly databaseUrl: string,
    readonly redis: RedisServer,
  ) {}

  static async start(): Promise<Servers> {
    const postgres = await testPostgres();
    try {
      return new Servers(postgres, await postgres.createDatabase(), await startRedis());
    } catch (error) {
      await postgres.stop();
      throw error;
    }
  }

  authority(options: Partial<PostgresStoreOptions> & { readonly namespace: string }): Promise<PostgresStore> {
    const source = options.pool === undefined && options.url === undefined ? { url: this.databaseUrl } : {};
    return createPostgresStore({ poolSize: 4, ...PATIENT.postgres, ...source, ...options });
  }

  copies(options: Partial<RedisCopiesOptions> & { readonly namespace: string }): Promise<RedisCopies> {
    const source = options.client === undefined && options.url === undefined ? { url: this.redis.url } : {};
    return createRedisCopies({ ...PATIENT.redis, ...source, ...options });
  }

  /** Closed before the servers stop, the last one first. */
  keep<T extends { close(): Promise<unknown> }>(resource: T): T {
    this.closers.unshift(() => resource.close());
    return resource;
  }

  async stop(): Promise<void> {
    for (const close of this.closers.splice(0)) await close();
    await this.redis.stop();
    await this.postgres.stop();
  }
}

/** Asks again until the answer fits. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  fits: (answer: T) => boolean,
  limitMs = 60_000,
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
    await setTimeout(5);
  }
  throw new Error(`not within ${limitMs} ms; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
}
