import type { AuthTokens } from '@mooring/auth-tokens';
import { EngineContext, MemoryAuditLog, MemoryCatalogStore } from '@mooring/engine';
import type { AuditSink, CatalogStore, Principal, SystemSources, UserDirectory } from '@mooring/engine';
import { catalogPlace, openCatalog } from '@mooring/engine-catalog';
import type { CatalogPlace } from '@mooring/engine-catalog';
import type { DuckdbEngine, DuckdbEngineOptions } from '@mooring/engine-duckdb';
import { createRedshiftEngine } from '@mooring/engine-redshift';
import type { RedshiftEngine } from '@mooring/engine-redshift';
import { ConfigError, folderFaults } from '@mooring/environment-config';
import type { Logger, Metrics } from '@mooring/nest-runtime';
import type { DataApi, WarehouseObserver } from '@mooring/redshift-sessions';
import type { StoreBackend } from '@mooring/session-store';
import { schemaMigrated } from '@mooring/session-store/adapter';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import type { QueryApiConfig } from '../config.ts';
import { auditTrail } from './audit-trail.ts';
import { describeEngines } from './describe-engines.ts';
import { engineMetrics } from './engine-metrics.ts';
import { statementMetrics } from './statement-metrics.ts';
import type { Jobs } from './sources/jobs.ts';
import { loginSessions } from './sources/login-sessions.ts';
import { PoolOwners } from './sources/pool-owners.ts';
import { pooledSessions } from './sources/pooled-sessions.ts';
import { storageFormOf } from './storage-form.ts';

/** What the engine shares with the rest of the process. */
export interface EngineSurroundings {
  readonly config: QueryApiConfig;
  readonly api: DataApi;
  /** Of the namespace that has the pool of warehouse sessions. */
  readonly store: StoreBackend;
  /** Of the sessions that statements run on. */
  readonly observer: WarehouseObserver;
  readonly tokens: Pick<AuthTokens, 'list'>;
  readonly jobs: Jobs;
  readonly users: UserDirectory;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** The one engine context of the process, with all its parts. Where it can not be built, the parts that were opened are closed, the last first. */
export async function openEngine(surroundings: EngineSurroundings): Promise<EngineContext> {
  const opened: Part[] = [];
  try {
    return await openParts(surroundings, (part) => {
      if (part !== undefined) opened.push(part);
      return part;
    });
  } catch (error) {
    for (const part of opened.toReversed()) await part.close().catch(() => undefined);
    throw error;
  }
}

interface Part {
  close(): Promise<void>;
}

async function openParts(
  surroundings: EngineSurroundings,
  keep: <P extends Part | undefined>(part: P) => P,
): Promise<EngineContext> {
  const { config, store, users, metrics, logger } = surroundings;
  if (config.dataDir !== undefined) await makeFolder(config.dataDir);
  const embedded = keep(config.embedded === undefined ? undefined : await openEmbeddedEngine(config.embedded));
  const warehouse = keep(openWarehouseEngine(surroundings));
  const { catalog, audit } = await openKnowledge(config, logger);
  keep(catalog);
  const engine = EngineContext.build({
    catalog,
    engines: [embedded, warehouse].filter((part) => part !== undefined),
    users,
    audit: auditTrail(audit, logger, metrics),
    observer: statementMetrics(metrics),
    onAuditFailure: () => logger.error('An audit event could not be recorded'),
    ...(embedded === undefined ? {} : { defaultStorage: { name: 'embedded', type: 'duckdb' } }),
    ...(store.capabilities.shared ? { queryRecords: store.sessions } : {}),
    sources: sourcesOf(surroundings, catalog, warehouse),
    options: {
      statementTimeoutMs: config.queries.timeoutMs,
      longestStatementMs: config.queries.maxTimeoutMs,
      maxRows: config.queries.maxRows,
      maxSessions: config.sqlSessions.maxOpen,
      maxSessionsPerTenant: config.sqlSessions.maxPerTenant,
    },
  });
  keep(engine);
  engineMetrics(metrics, engine, embedded);
  logger.info({ engines: describeEngines(config) }, 'Engines');
  return engine;
}

function sourcesOf(
  { config, store, tokens, jobs }: EngineSurroundings,
  catalog: CatalogStore,
  engine: RedshiftEngine | undefined,
): SystemSources {
  const sources = { sessions: loginSessions(tokens), jobs: (principal: Principal) => jobs.rows(principal) };
  const {
    warehouse: settings,
    region,
    tokens: { configured },
  } = config;
  if (settings === undefined) return sources;
  const owners = new PoolOwners({ settings, region, configured, catalog, engine });
  return { ...sources, warehouseSessions: pooledSessions(store.pool, settings, region, owners) };
}

/** Loaded only where it is used: it is a native library. */
async function openEmbeddedEngine(options: DuckdbEngineOptions): Promise<DuckdbEngine> {
  const { createDuckdbEngine } = await import('@mooring/engine-duckdb');
  return createDuckdbEngine(options);
}

interface OpenedCatalog {
  readonly catalog: CatalogStore;
  readonly audit: AuditSink;
}

export function catalogPlaceOf({ dataDir: folder, production, store }: QueryApiConfig): CatalogPlace | undefined {
  return catalogPlace({ url: store.database?.url, folder, production, timeoutMs: store.timeoutMs });
}

async function openKnowledge(config: QueryApiConfig, logger: Logger): Promise<OpenedCatalog> {
  const place = catalogPlaceOf(config);
  if (place === undefined) return { catalog: new MemoryCatalogStore(), audit: new MemoryAuditLog() };
  const onMigrated = (version: SchemaVersion): void => logger.info(schemaMigrated('the catalog', version));
  const catalog = await openCatalog(place, { onMigrated });
  return { catalog, audit: catalog.audit };
}

/** @throws ConfigError */
async function makeFolder(folder: string): Promise<void> {
  const faults = await folderFaults('MOORING_DATA_DIR', folder);
  if (faults.length > 0) throw new ConfigError(faults);
}

/** Undefined where tenants would not be kept apart in the warehouse, or its storages would be forgotten. */
function openWarehouseEngine({
  config,
  api,
  observer,
  store: { pool },
}: EngineSurroundings): RedshiftEngine | undefined {
  const form = config.warehouse === undefined ? undefined : storageFormOf(config.warehouse);
  const forgets = config.production && config.store.database === undefined && config.dataDir === undefined;
  if (form === undefined || forgets) return undefined;
  const sessions = { ...config.pool, region: config.region, statementTimeoutMs: config.queries.timeoutMs };
  return createRedshiftEngine({ api, pool, observer, storages: [form], sessions });
}
