import { setTimeout } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionStoreModule } from '@mooring/nest-session-store';
import { StoreBackend, newSessionId } from '@mooring/session-store';
import type { SessionRef } from '@mooring/session-store';
import { testPostgres, testRedis } from '@mooring/services';

/** A server that workers share, as their environment names it. */
export interface SharedServer {
  readonly env: Readonly<Record<string, string>>;
  /** A store on it, as another service would open it. */
  open(namespace: string): Promise<StoreBackend>;
  stop(): Promise<void>;
}

export async function startShared(kind: 'postgres' | 'redis'): Promise<SharedServer> {
  const postgres = kind === 'postgres' ? await testPostgres() : undefined;
  const redis = kind === 'redis' ? await testRedis() : undefined;
  const database = await postgres?.createDatabase();
  const env = database === undefined ? { REDIS_URL: redis?.url ?? '' } : { DATABASE_URL: database };
  const opened: INestApplicationContext[] = [];
  return {
    env: { ...env, MOORING_SESSION_STORE: kind },
    open: async (namespace) => {
      const place = database === undefined ? { redis: { url: redis?.url ?? '' } } : { database: { url: database } };
      const module = SessionStoreModule.forRoot({ backend: kind, namespace, ...place });
      const context = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
      opened.push(context);
      return context.get<StoreBackend>(StoreBackend);
    },
    stop: async () => {
      for (const context of opened) await context.close();
      await postgres?.stop();
      await redis?.stop();
    },
  };
}

const CREATED_AT_ONCE = 20;

export async function create(store: StoreBackend, count: number, idleTimeoutMs: number): Promise<SessionRef[]> {
  const owner = { tenantId: 'acme', subjectId: 'ann' };
  const refs = Array.from({ length: count }, () => ({ tenantId: owner.tenantId, id: newSessionId(owner) }));
  const times = { idleTimeoutMs, lifetimeMs: 3_600_000 };
  for (let from = 0; from < count; from += CREATED_AT_ONCE) {
    const some = refs.slice(from, from + CREATED_AT_ONCE);
    await Promise.all(some.map((ref) => store.sessions.create({ ...owner, ...ref, data: {}, ...times })));
  }
  return refs;
}

/** Rows that a sweep would delete, as far as the store counts them at once; 0 only when there are none. */
export async function dueIn(store: StoreBackend): Promise<number> {
  const counted = await store.sweep({ target: 'sessions', limit: 100_000, dryRun: true });
  return counted.ok ? counted.value.deleted : -1;
}

export async function aliveOf(store: StoreBackend, refs: readonly SessionRef[]): Promise<number> {
  const found = await Promise.all(refs.map((ref) => store.sessions.get(ref)));
  return found.filter(({ ok }) => ok).length;
}

/** Asks again until it is so; the test's own limit ends it. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await setTimeout(10);
}
