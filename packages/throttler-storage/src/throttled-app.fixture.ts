import 'reflect-metadata';
import { createSqliteStore } from '@mooring/store-sqlite';
import { Controller, Get, Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SkipThrottle, Throttle, ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { SlidingWindowStorage } from './index.ts';

export interface Answer {
  readonly status: number;
  /** Of the answer, as far as they are about limits. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A Nest application behind the guard of @nestjs/throttler, in a process of its own. */
export interface ThrottledApp {
  /** Sends requests all at once. */
  get(path: string, times: number): Promise<readonly Answer[]>;
  /** How often the handler of a path ran. */
  handled(path: string): Promise<number>;
  closeStore(): Promise<void>;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const handled = new Map<string, number>();

function handle(path: string): string {
  handled.set(path, (handled.get(path) ?? 0) + 1);
  return path;
}

@Controller()
class PagesController {
  @Get('page')
  page(): string {
    return handle('/page');
  }

  @Get('news')
  news(): string {
    return handle('/news');
  }

  @Get('login')
  @Throttle({ default: { limit: 2, ttl: HOUR_MS / 2, blockDuration: HOUR_MS } })
  login(): string {
    return handle('/login');
  }

  @Get('free')
  @SkipThrottle()
  free(): string {
    return handle('/free');
  }
}

export async function openThrottledApp(options: { readonly file: string }): Promise<ThrottledApp> {
  const store = await createSqliteStore({ file: options.file, namespace: 'throttler', busyTimeoutMs: 60_000 });
  const storage = new SlidingWindowStorage({ limits: store.limits, attempts: store.attempts, tenantId: 'api' });

  @Module({
    imports: [ThrottlerModule.forRoot({ throttlers: [{ limit: 30, ttl: HOUR_MS }], storage })],
    controllers: [PagesController],
    providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
  })
  class AppModule {}

  const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const get = async (path: string): Promise<Answer> => {
    const response = await fetch(`${url}${path}`);
    await response.text();
    const told = [...response.headers].filter(([name]) => /ratelimit|retry-after/.test(name));
    return { status: response.status, headers: Object.fromEntries(told) };
  };
  return {
    get: (path, times) => Promise.all(Array.from({ length: times }, () => get(path))),
    handled: async (path) => handled.get(path) ?? 0,
    closeStore: () => store.close(),
    close: async () => {
      await app.close();
      await store.close();
    },
  };
}
