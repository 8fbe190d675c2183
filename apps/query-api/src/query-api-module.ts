import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { AuthTokens, CachedTokens } from '@mooring/auth-tokens';
import { AUTH_NAMESPACE, DefaultRateLimit, TokenVerifier, observedVerifier } from '@mooring/nest-access';
import { HealthIndicator, Metrics, traced } from '@mooring/nest-runtime';
import { SessionStoreHealth, SessionStoreModule, storeMetrics, storeToken } from '@mooring/nest-session-store';
import type { SessionStoreOptions } from '@mooring/nest-session-store';
import { Warehouse } from '@mooring/redshift-sessions';
import type { DataApi } from '@mooring/redshift-sessions';
import { SessionPoolStore } from '@mooring/session-store';
import type { SessionStore, StoreBackend } from '@mooring/session-store';
import { RUNS_NAMESPACE } from '@mooring/session-sweeper';
import type { RatePolicy } from '@mooring/usage-limits';
import { QueryApiConfig } from './config.ts';
import { EngineModule } from './engine/engine-module.ts';
import { KillJob } from './engine/kill-job.ts';
import { QueriesController } from './queries/queries-controller.ts';
import { Queries } from './queries/queries.ts';
import { QUERY_STORE, QueryRecords } from './queries/query-records.ts';
import { DownloadController } from './queries/download-controller.ts';
import { EngineRuns } from './queries/engine-runs.ts';
import { QueryBudget } from './queries/query-budget.ts';
import { QueryRows } from './queries/query-rows.ts';
import { QueryWatch } from './queries/query-watch.ts';
import { SessionWatch } from './queries/session-watch.ts';
import { KeptResults } from './results/kept-results.ts';
import { PinnedSessions } from './sql/pinned-sessions.ts';
import { SqlController } from './sql/sql-controller.ts';
import { SqlRuns } from './sql/sql-runs.ts';
import { SqlSessionsController } from './sql/sql-sessions-controller.ts';
import { StreamController } from './stream/stream-controller.ts';
import { StreamServer } from './stream/stream-server.ts';
import { ApiTokenVerifier } from './token-verifier.ts';
import { WarehouseApi, WarehouseApiModule, WarehouseObserver } from './warehouse-api.ts';

const POOL_NAMESPACE = 'pool';

/** Everything of the service, wired in one place. */
@Module({})
export class QueryApiModule {
  static withConfig(config: QueryApiConfig): DynamicModule {
    const pool = storeModule(config, POOL_NAMESPACE);
    const stores = [
      pool,
      ...[QUERY_STORE, AUTH_NAMESPACE, RUNS_NAMESPACE].map((name) => storeModule(config, name, name)),
    ];
    const api = WarehouseApiModule.withConfig(config);
    return {
      module: QueryApiModule,
      imports: [...stores, api, EngineModule.withConfig(config, ...stores, api)],
      controllers: [QueriesController, DownloadController, SqlController, SqlSessionsController, StreamController],
      providers: [
        { provide: QueryApiConfig, useValue: config },
        { provide: HealthIndicator, useExisting: SessionStoreHealth },
        {
          provide: TokenVerifier,
          useFactory: ({ sessions }: StoreBackend, metrics: Metrics) =>
            observedVerifier(tokenVerifier(config, sessions), metrics, traced),
          inject: [storeToken(AUTH_NAMESPACE), Metrics],
        },
        { provide: DefaultRateLimit, useValue: requestLimits(config) },
        QueryBudget,
        SessionWatch,
        {
          provide: Warehouse,
          useFactory: (api: DataApi, pool: SessionPoolStore, observer: WarehouseObserver, metrics: Metrics) =>
            openWarehouse(config, api, pool, observer, metrics),
          inject: [WarehouseApi, SessionPoolStore, WarehouseObserver, Metrics],
        },
        { provide: KeptResults, useFactory: () => KeptResults.open(config) },
        EngineRuns,
        QueryRecords,
        Queries,
        QueryWatch,
        KillJob,
        QueryRows,
        StreamServer,
        PinnedSessions,
        SqlRuns,
      ],
    };
  }
}

function storeModule(config: QueryApiConfig, namespace: string, name?: string): DynamicModule {
  return SessionStoreModule.forRootAsync({
    name,
    inject: [Metrics],
    useFactory: (metrics: Metrics): SessionStoreOptions => ({
      ...storeOptions(config, namespace),
      observer: storeMetrics(metrics, namespace, traced),
    }),
  });
}

/** The store of a namespace, as the configuration has it. */
export function storeOptions(
  { store, region, production }: QueryApiConfig,
  namespace: string = POOL_NAMESPACE,
): SessionStoreOptions {
  const { dynamodb } = store;
  return {
    ...store,
    ...(dynamodb === undefined ? {} : { dynamodb: { ...dynamodb, region } }),
    namespace,
    production,
  };
}

function tokenVerifier({ tokens }: QueryApiConfig, sessions: SessionStore): ApiTokenVerifier {
  const issued = new CachedTokens({
    tokens: new AuthTokens({ sessions, options: tokens.options }),
    maxStalenessMs: tokens.maxStalenessMs,
  });
  return new ApiTokenVerifier(tokens.options.prefix ?? '', issued, tokens.configured);
}

function requestLimits({ limits: { requests: limit, windowMs } }: QueryApiConfig): readonly RatePolicy[] {
  return limit === 0 ? [] : [{ name: 'requests', scope: 'session', limit, windowMs }];
}

function openWarehouse(
  { region, pool, queries }: QueryApiConfig,
  api: DataApi,
  store: SessionPoolStore,
  observer: WarehouseObserver,
  metrics: Metrics,
): Warehouse {
  const opened = new Warehouse({
    api,
    pool: store,
    observer,
    options: { ...pool, region, statementTimeoutMs: queries.timeoutMs },
  });
  metrics.gauge({
    name: 'mooring_warehouse_sessions_held',
    help: 'Warehouse sessions and slots that this process holds.',
    collect() {
      this.set(opened.heldSessions);
    },
  });
  return opened;
}
