import { Inject, Injectable, Module } from '@nestjs/common';
import type { BeforeApplicationShutdown, DynamicModule } from '@nestjs/common';
import { EngineContext } from '@mooring/engine';
import { HealthIndicator, Logger, Metrics } from '@mooring/nest-runtime';
import type { HealthReport } from '@mooring/nest-runtime';
import type { DataApi } from '@mooring/redshift-sessions';
import { StoreBackend } from '@mooring/session-store';
import type { QueryApiConfig } from '../config.ts';
import { WarehouseApi, WarehouseObserver } from '../warehouse-api.ts';
import { openEngine } from './open-engine.ts';

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
  /** On the pool's store and the Data API of these modules. */
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
            observer: WarehouseObserver,
            metrics: Metrics,
            logger: Logger,
          ) => openEngine({ config, api, store, observer, metrics, logger }),
          inject: [WarehouseApi, StoreBackend, WarehouseObserver, Metrics, Logger],
        },
        EngineLife,
        { provide: HealthIndicator, useExisting: EngineLife },
      ],
      exports: [EngineContext],
    };
  }
}
