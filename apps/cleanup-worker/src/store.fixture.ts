import { setTimeout } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionStoreModule } from '@mooring/nest-session-store';
import { StoreBackend } from '@mooring/session-store';
import { testPostgres, testRedis } from '@mooring/services';

/** What is not about waiting for the store is not to fail for it. */
const TIMEOUT_MS = 120_000;

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
    env: { ...env, MOORING_SESSION_STORE: kind, MOORING_STORE_TIMEOUT_SECONDS: String(TIMEOUT_MS / 1000) },
    open: async (namespace) => {
      const place = database === undefined ? { redis: { url: redis?.url ?? '' } } : { database: { url: database } };
      const module = SessionStoreModule.forRoot({ backend: kind, namespace, timeoutMs: TIMEOUT_MS, ...place });
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

/** Asks again until it is so; the test's own limit ends it. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await setTimeout(10);
}
