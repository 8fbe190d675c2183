import { join } from 'node:path';
import { EngineError } from '@mooring/engine';
import { databaseLimits, schemaTrouble } from '@mooring/session-store/adapter';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import type { DurableCatalog } from './durable-catalog.ts';
import type { PostgresCatalogOptions } from './postgres/options.ts';
import { createPostgresCatalog, inspectPostgresCatalog } from './postgres/postgres-catalog.ts';
import { createSqliteCatalog, inspectSqliteCatalog } from './sqlite/sqlite-catalog.ts';

/** Where a catalog with its audit log is kept. */
export type CatalogPlace =
  | {
      readonly url: string;
      /** The longest wait for a connection, and for an answer. Default: of `createPostgresCatalog`. */
      readonly timeoutMs?: number | undefined;
    }
  | { readonly file: string };

/** Beside the embedded databases that it tells of. */
const FILE = 'catalog.db';

export interface CatalogSurroundings {
  /** Of PostgreSQL, where the services have one. */
  readonly url: string | undefined;
  /** Of embedded databases. Without it, they end with their process. */
  readonly folder: string | undefined;
  readonly production: boolean;
  /** The longest wait for PostgreSQL. */
  readonly timeoutMs?: number | undefined;
}

/** Where the services keep it. Undefined where it would outlive what it tells of: it is in memory then. */
export function catalogPlace({ url, folder, production, timeoutMs }: CatalogSurroundings): CatalogPlace | undefined {
  if (url !== undefined && (folder !== undefined || production))
    return timeoutMs === undefined ? { url } : { url, timeoutMs };
  return folder === undefined ? undefined : { file: join(folder, FILE) };
}

/** With its tables up to date. `poolSize` is of PostgreSQL. @throws EngineError */
export function openCatalog(
  place: CatalogPlace,
  options: Pick<PostgresCatalogOptions, 'poolSize' | 'onMigrated'> = {},
): Promise<DurableCatalog> {
  if (!('url' in place)) return createSqliteCatalog({ ...place, onMigrated: options.onMigrated });
  const { url, timeoutMs } = place;
  return createPostgresCatalog({ ...options, ...databaseLimits(timeoutMs), url });
}

/** At which version its tables are; nothing is made or changed. @throws EngineError */
export function inspectCatalog(place: CatalogPlace): Promise<SchemaVersion> {
  return 'url' in place ? inspectPostgresCatalog({ url: place.url }) : inspectSqliteCatalog(place);
}

/** What is in the way of a start, as a fault of the configuration. */
export interface CatalogFault {
  readonly variable: 'DATABASE_URL' | 'MOORING_DATA_DIR';
  /** Set where the database is there, and only the catalog's tables are not as they must be. */
  readonly part?: string;
  readonly problem: string;
  readonly remedy: string;
}

const PART = 'catalog';
const LACKS_PRIVILEGE = '42501';

/** Opens the catalog and closes it again. */
export async function catalogFaults(place: CatalogPlace): Promise<CatalogFault[]> {
  const variable = 'url' in place ? 'DATABASE_URL' : 'MOORING_DATA_DIR';
  try {
    await (await openCatalog(place, { poolSize: 1 })).close();
    return [];
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const version = error.code === 'misconfigured' ? await versionAt(place) : undefined;
    const problem = error.message;
    if (version === undefined) return [{ variable, problem, remedy: `Mend that, or correct ${variable}` }];
    const { sqlState } = (error.cause ?? {}) as { readonly sqlState?: string };
    const trouble = sqlState === LACKS_PRIVILEGE ? schemaTrouble(`the ${PART}`, version) : undefined;
    return [{ variable, part: PART, ...(trouble ?? { problem, remedy: 'Mend that' }) }];
  }
}

async function versionAt(place: CatalogPlace): Promise<SchemaVersion | undefined> {
  try {
    return await inspectCatalog(place);
  } catch {
    return undefined;
  }
}
