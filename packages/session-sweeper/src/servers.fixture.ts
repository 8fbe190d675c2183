import { setTimeout } from 'node:timers/promises';
import { startClientProcess, testPostgres, testRedis } from '@mooring/services';
import type { ClientProcess } from '@mooring/services';
import type { StoreBackend } from '@mooring/session-store';
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

/** Asks again until it is so; the test's own limit ends it. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setTimeout(10);
}
