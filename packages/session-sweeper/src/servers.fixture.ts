import { setTimeout } from 'node:timers/promises';
import { startClientProcess, testPostgres, testRedis } from '@mooring/services';
import type { ClientProcess } from '@mooring/services';
import { newSessionId } from '@mooring/session-store';
import type { SessionRef, StoreBackend } from '@mooring/session-store';
import { openPlace } from './sweeping-process.fixture.ts';
import type { Place, SweepingProcess } from './sweeping-process.fixture.ts';
import type { SweepOptions } from './options.ts';

export interface Server {
  /** A namespace of its own for each test, and a store in it. */
  place(): Promise<{ readonly place: Place; readonly store: StoreBackend }>;
  sweeper(place: Place, options: Partial<SweepOptions>): Promise<ClientProcess<SweepingProcess>>;
  /** Whatever became of the test, its processes end with it. */
  killSweepers(): Promise<void>;
  stop(): Promise<void>;
}

let namespaces = 0;

export async function startServer(kind: Place['kind']): Promise<Server> {
  const stores: StoreBackend[] = [];
  const sweepers: ClientProcess<SweepingProcess>[] = [];
  const module = new URL('./sweeping-process.fixture.ts', import.meta.url);
  const postgres = kind === 'postgres' ? await testPostgres() : undefined;
  const redis = kind === 'redis' ? await testRedis() : undefined;
  const url = (await postgres?.createDatabase()) ?? redis?.url ?? '';
  const prefix = redis?.createPrefix() ?? 'spec';
  return {
    place: async () => {
      const place = { kind, url, namespace: `${prefix}${(namespaces += 1)}` };
      const store = await openPlace(place);
      stores.push(store);
      return { place, store };
    },
    sweeper: async (place, options) => {
      const sweeper = await startClientProcess<SweepingProcess>({
        module,
        open: 'openSweeper',
        options: { place, options },
      });
      sweepers.push(sweeper);
      return sweeper;
    },
    killSweepers: async () => {
      await Promise.all(sweepers.splice(0).map((sweeper) => sweeper.kill()));
    },
    stop: async () => {
      for (const store of stores) await store.close();
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
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setTimeout(10);
}
