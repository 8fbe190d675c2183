import { Module } from '@nestjs/common';
import type { DynamicModule, LoggerService } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import {
  LeaseStore,
  SessionPoolStore,
  SessionStore,
  StoreBackend,
  StoreError,
  newSessionId,
} from '@mooring/session-store';
import { SessionStoreModule, storeHealthToken, storeToken } from './session-store-module.ts';
import { SessionStoreHealth } from './store-health.ts';

let postgres: TestPostgres;
let url: string;
beforeAll(async () => {
  postgres = await testPostgres();
  url = await postgres.createDatabase();
});
afterAll(() => postgres.stop());

class Lines implements LoggerService {
  readonly said: string[] = [];
  log(message: unknown): void {
    this.said.push(String(message));
  }
  warn(message: unknown): void {
    this.said.push(`warning: ${String(message)}`);
  }
  error(): void {}
}

async function start(...imports: DynamicModule[]) {
  const lines = new Lines();
  const app = await Test.createTestingModule({ imports }).setLogger(lines).compile();
  app.enableShutdownHooks();
  await app.init();
  return { app, said: lines.said };
}

function session(backend: StoreBackend) {
  const owner = { tenantId: 'acme', subjectId: 'ann' };
  const id = newSessionId(owner);
  const made = backend.sessions.create({ ...owner, id, data: {}, idleTimeoutMs: 60_000, lifetimeMs: 60_000 });
  return { ref: { tenantId: 'acme', id }, made };
}

describe('SessionStoreModule', () => {
  it('provides the store and each port on PostgreSQL, and says so', async () => {
    const { app, said } = await start(SessionStoreModule.forRoot({ database: { url }, namespace: 'one' }));
    expect(said).toContain('Using database for session storage');
    const backend = app.get<StoreBackend>(StoreBackend);
    expect(backend.name).toBe('postgres');
    expect(app.get(SessionStore)).toBe(backend.sessions);
    expect(app.get(LeaseStore)).toBe(backend.leases);
    expect(app.get(SessionPoolStore)).toBe(backend.pool);
    const { ref, made } = session(backend);
    expect(await made).toMatchObject({ ok: true });
    expect(await app.get<SessionStore>(SessionStore).get(ref)).toMatchObject({ ok: true });
    await app.close();
    await expect(backend.ping()).rejects.toMatchObject({ code: 'closed' });
  });

  it('provides memory, with a warning when nobody asked for it', async () => {
    const asked = await start(SessionStoreModule.forRoot({ backend: 'memory', namespace: 'one' }));
    expect(asked.said.filter((line) => line.includes('session storage') || line.startsWith('warning'))).toEqual([
      'Using memory for session storage',
    ]);
    const insisted = await start(SessionStoreModule.forRoot({ backend: 'memory', namespace: 'one', production: true }));
    expect(insisted.said).toContainEqual(expect.stringMatching(/^warning: memory store in production/));
    await insisted.app.close();
    const fallback = await start(SessionStoreModule.forRoot({ namespace: 'one' }));
    expect(fallback.said).toContainEqual(expect.stringMatching(/^warning: Sessions are kept in memory/));
    await Promise.all([asked.app.close(), fallback.app.close()]);
  });

  it('provides a second store in another namespace by name', async () => {
    class Settings {
      readonly url = url;
    }
    @Module({ providers: [Settings], exports: [Settings] })
    class SettingsModule {}
    const { app } = await start(
      SessionStoreModule.forRoot({ database: { url }, namespace: 'pool' }),
      SessionStoreModule.forRootAsync({
        name: 'queries',
        imports: [SettingsModule],
        inject: [Settings],
        useFactory: (settings: Settings) => ({ database: { url: settings.url }, namespace: 'queries' }),
      }),
    );
    const pool = app.get<StoreBackend>(StoreBackend);
    const queries = app.get<StoreBackend>(storeToken('queries'));
    const { ref, made } = session(queries);
    expect(await made).toMatchObject({ ok: true });
    expect(await queries.sessions.get(ref)).toMatchObject({ ok: true });
    expect(await pool.sessions.get(ref)).toEqual({ ok: false, reason: 'not_found' });
    const health = app.get<SessionStoreHealth>(storeHealthToken('queries'));
    expect([health.name, (await health.check()).status]).toEqual(['session-store:queries', 'up']);
    await app.close();
    for (const backend of [pool, queries]) await expect(backend.ping()).rejects.toBeInstanceOf(StoreError);
  });

  it('does not start without its database, and says nothing of the password', async () => {
    const away = new URL(url);
    away.port = '1';
    away.password = 'hunter22';
    const failed = start(SessionStoreModule.forRoot({ database: { url: away.href }, namespace: 'one' }));
    await expect(failed).rejects.toMatchObject({ name: 'StoreError' });
    await expect(failed).rejects.not.toThrow(/hunter22/);
  });

  it('reports whether the store answers', async () => {
    const { app } = await start(SessionStoreModule.forRoot({ database: { url }, namespace: 'one' }));
    const health = app.get(SessionStoreHealth);
    expect(await health.check()).toEqual({
      status: 'up',
      details: {
        backend: 'postgres',
        store: expect.stringMatching(/^[0-9a-f]{8}$/),
        latencyMs: expect.any(Number),
        sweepLagSeconds: 0,
        connectionsBusy: 0,
        connectionsMost: 10,
        connectionsWaiting: 0,
      },
    });
    await app.close();
    expect(await health.check()).toEqual({
      status: 'down',
      reason: 'the store does not answer (closed)',
      details: { backend: 'postgres', store: expect.any(String) },
    });
  });
});
