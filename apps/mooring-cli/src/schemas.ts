import { dirname } from 'node:path';
import { inspectCatalog, openCatalog } from '@mooring/engine-catalog';
import type { CatalogPlace } from '@mooring/engine-catalog';
import { ConfigError, folderFaults } from '@mooring/environment-config';
import { inspectStore } from '@mooring/nest-session-store';
import { StoreError } from '@mooring/session-store';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import { UserDatabase, inspectUsers } from '@mooring/users';
import type { StoreSettings } from './config.ts';
import { AUTH_NAMESPACE, withStore } from './stores.ts';

/** Tables that are brought up to date by themselves, whatever others are at. */
export interface Schema {
  readonly name: 'sessions' | 'users' | 'catalog';
  /** @throws StoreError, UserDatabaseError, EngineError */
  readonly inspect: () => Promise<SchemaVersion>;
  /** @throws StoreError, UserDatabaseError, EngineError, ConfigError */
  readonly migrate: () => Promise<void>;
}

/** Undefined of a store that has no tables to bring up to date, or makes what it needs. */
export async function sessionsSchema(
  settings: StoreSettings,
  warn: (message: string) => void,
): Promise<Schema | undefined> {
  const { database, schema } = await inspectStore(settings);
  const found = database instanceof StoreError ? database : (database?.schema ?? schema);
  if (found === undefined) return undefined;
  return {
    name: 'sessions',
    inspect: async () => {
      if (found instanceof StoreError) throw found;
      return found;
    },
    migrate: () => withStore({ settings, namespace: AUTH_NAMESPACE, migrate: true, warn }, async () => undefined),
  };
}

export function usersSchema(url: string): Schema {
  return {
    name: 'users',
    inspect: () => inspectUsers(url),
    migrate: async () => {
      await (await UserDatabase.open({ url, poolSize: 1, applicationName: 'mooring-cli' })).close();
    },
  };
}

export function catalogSchema(place: CatalogPlace): Schema {
  return {
    name: 'catalog',
    inspect: () => inspectCatalog(place),
    migrate: async () => {
      const faults = 'file' in place ? await folderFaults('MOORING_DATA_DIR', dirname(place.file)) : [];
      if (faults.length > 0) throw new ConfigError(faults);
      await (await openCatalog(place, { poolSize: 1 })).close();
    },
  };
}
