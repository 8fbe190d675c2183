import { Inject, Injectable, Module } from '@nestjs/common';
import type { BeforeApplicationShutdown, DynamicModule } from '@nestjs/common';
import { AuthTokens, LoginGuard } from '@mooring/auth-tokens';
import { EngineContext } from '@mooring/engine';
import { AUTH_NAMESPACE } from '@mooring/nest-access';
import { HealthIndicator, Logger, Metrics } from '@mooring/nest-runtime';
import type { HealthReport } from '@mooring/nest-runtime';
import { storeToken } from '@mooring/nest-session-store';
import type { DataApi } from '@mooring/redshift-sessions';
import { StoreBackend } from '@mooring/session-store';
import { RUNS_NAMESPACE, RunRecords } from '@mooring/session-sweeper';
import type { QueryApiConfig } from '../config.ts';
import { QUERY_STORE } from '../queries/query-records.ts';
import { WarehouseApi, WarehouseObserver } from '../warehouse-api.ts';
import { KnownUsers } from '../users/known-users.ts';
import { openEngine } from './open-engine.ts';
import { Jobs } from './sources/jobs.ts';

/** Keeps the engine for as long as the process takes requests, and shows how it is. */
@Injectable()
export class EngineLife implements HealthIndicator, BeforeApplicationShutdown {
  readonly name = 'engine';

  constructor(@Inject(EngineContext) private readonly engine: EngineContext) {}

  async check(): Promise<HealthReport> {
    const { queries, sessions } = this.engine;
    return {
      status: 'up',
      details: { contexts: EngineContext.built, statements: queries.count, sessions: sessions.count },
    };
  }

  /** Before the stores close that hold its warehouse sessions. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.engine.close();
  }
}

/** The engine context: built once at the start, closed at the shutdown. */
@Module({})
export class EngineModule {
  /** On the Data API, and the stores of the pool, of queries, logins and the worker's runs, of these modules. */
  static withConfig(config: QueryApiConfig, ...imports: readonly DynamicModule[]): DynamicModule {
    return {
      module: EngineModule,
      imports: [...imports],
      providers: [
        {
          provide: EngineContext,
          useFactory: (
            api: DataApi,
            store: StoreBackend,
            tokens: AuthTokens,
            { directory: users }: KnownUsers,
            jobs: Jobs,
            observer: WarehouseObserver,
            metrics: Metrics,
            logger: Logger,
          ) => openEngine({ config, api, store, tokens, users, jobs, observer, metrics, logger }),
          inject: [WarehouseApi, StoreBackend, AuthTokens, KnownUsers, Jobs, WarehouseObserver, Metrics, Logger],
        },
        {
          provide: AuthTokens,
          useFactory: ({ sessions }: StoreBackend) => new AuthTokens({ sessions, options: config.tokens.options }),
          inject: [storeToken(AUTH_NAMESPACE)],
        },
        {
          provide: KnownUsers,
          useFactory: (tokens: AuthTokens, { attempts, limits }: StoreBackend, logger: Logger) =>
            KnownUsers.open(config, tokens, new LoginGuard({ attempts, limits }), logger),
          inject: [AuthTokens, storeToken(AUTH_NAMESPACE), Logger],
        },
        {
          provide: RunRecords,
          useFactory: ({ sessions }: StoreBackend) => new RunRecords(sessions),
          inject: [storeToken(RUNS_NAMESPACE)],
        },
        {
          provide: Jobs,
          useFactory: ({ sessions }: StoreBackend, runs: RunRecords) => new Jobs(sessions, runs),
          inject: [storeToken(QUERY_STORE), RunRecords],
        },
        EngineLife,
        { provide: HealthIndicator, useExisting: EngineLife },
      ],
      exports: [EngineContext, Jobs, RunRecords],
    };
  }
}
