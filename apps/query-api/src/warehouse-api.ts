import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { Logger, Metrics, callMetrics } from '@mooring/nest-runtime';
import { AwsDataApi, CallRate, DATA_API_CALLS, createDataApiClient, observedDataApi } from '@mooring/redshift-sessions';
import type { DataApi, WarehouseObserver as Observer } from '@mooring/redshift-sessions';
import { systemClock } from '@mooring/session-store';
import type { QueryApiConfig } from './config.ts';
import { EmbeddedMetrics } from './metrics/embedded-metrics.ts';
import { sessionMetrics } from './metrics/session-metrics.ts';
import { noWarehouse } from './warehouse-target.ts';

export type WarehouseApi = DataApi;
export const WarehouseApi = Symbol('WarehouseApi');

/** Counts what becomes of warehouse sessions, whoever uses them. */
export type WarehouseObserver = Observer;
export const WarehouseObserver = Symbol('WarehouseObserver');

const refuse = async (): Promise<never> => {
  throw noWarehouse();
};

/** Of a process without a warehouse, for queries that another one has sent to a warehouse. */
const NO_DATA_API: DataApi = {
  execute: refuse,
  executeBatch: refuse,
  describe: refuse,
  result: refuse,
  cancel: refuse,
  findStatements: refuse,
  findSession: refuse,
  listSessions: refuse,
};

/** The Data API: one client for all that this process asks of it, so that the account's quotas are counted once. */
@Module({})
export class WarehouseApiModule {
  static withConfig(config: QueryApiConfig): DynamicModule {
    const { emfNamespace } = config.metrics;
    const write = (line: string): void => void process.stdout.write(line);
    const embedded =
      emfNamespace === undefined
        ? []
        : [{ provide: EmbeddedMetrics, useFactory: () => new EmbeddedMetrics({ namespace: emfNamespace, write }) }];
    return {
      module: WarehouseApiModule,
      providers: [
        { provide: WarehouseApi, useFactory: (metrics: Metrics) => openDataApi(config, metrics), inject: [Metrics] },
        ...embedded,
        {
          provide: WarehouseObserver,
          useFactory: (metrics: Metrics, logger: Logger, forCloudWatch?: EmbeddedMetrics): Observer =>
            together(logger, sessionMetrics(metrics, config.metrics.tenants), forCloudWatch?.observer),
          inject: [Metrics, Logger, { token: EmbeddedMetrics, optional: true }],
        },
      ],
      exports: [WarehouseApi, WarehouseObserver],
    };
  }
}

function openDataApi({ region, dataApi, warehouse }: QueryApiConfig, metrics: Metrics): DataApi {
  if (warehouse === undefined) return NO_DATA_API;
  const { endpoint, quotaShare } = dataApi;
  const client = createDataApiClient({ region, ...(endpoint === undefined ? {} : { endpoint }) });
  const api = new AwsDataApi(client, new CallRate(systemClock, quotaShare));
  return observedDataApi(api, callMetrics(metrics, DATA_API_CALLS));
}

function together(logger: Logger, prometheus: Observer, cloudWatch: Observer = {}): Observer {
  return {
    ...prometheus,
    sessionHit: (tenantId) => {
      prometheus.sessionHit?.(tenantId);
      cloudWatch.sessionHit?.(tenantId);
    },
    sessionMiss: (tenantId) => {
      prometheus.sessionMiss?.(tenantId);
      cloudWatch.sessionMiss?.(tenantId);
    },
    sessionCreated: (tenantId) => {
      prometheus.sessionCreated?.(tenantId);
      cloudWatch.sessionCreated?.(tenantId);
    },
    sessionExpired: (tenantId) => {
      prometheus.sessionExpired?.(tenantId);
      cloudWatch.sessionExpired?.(tenantId);
    },
    warning: (message) => logger.warn({ context: 'Warehouse' }, message),
  };
}
