import { openCatalog } from '@mooring/engine-catalog';
import type { CatalogPlace } from '@mooring/engine-catalog';
import { callMetrics } from '@mooring/nest-runtime';
import type { Logger, Metrics } from '@mooring/nest-runtime';
import {
  AwsDataApi,
  CallRate,
  DATA_API_CALLS,
  SessionReconciler,
  createDataApiClient,
  observedDataApi,
} from '@mooring/redshift-sessions';
import type { WarehousePlace } from '@mooring/redshift-sessions';
import type { Clock, StoreBackend } from '@mooring/session-store';
import { RUNS_NAMESPACE } from '@mooring/session-sweeper';
import type { CleanupWorkerConfig } from '../config.ts';
import { CronSchedule } from '../schedule/cron-schedule.ts';
import { AuditTask } from './audit-task.ts';
import { SweepMetrics } from './sweep-metrics.ts';
import { SweepTask } from './sweep-task.ts';
import type { Task } from './task.ts';
import { WarehouseTask } from './warehouse-task.ts';

/** Where the services keep what they know of warehouse sessions. */
export const POOL_NAMESPACE = 'pool';

export interface TaskParts {
  readonly config: CleanupWorkerConfig;
  /** Of each namespace that `openedNamespaces` names. */
  readonly stores: ReadonlyMap<string, StoreBackend>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** All that the worker does, and when. */
export function tasksOf(parts: TaskParts): readonly Task[] {
  const { config, metrics, clock } = parts;
  const sweepMetrics = new SweepMetrics(metrics);
  const schedule = new CronSchedule(config.sweep.schedule, config.schedule.timeZone);
  const sweeps = config.sweep.namespaces.map(
    (namespace) =>
      new SweepTask({
        namespace,
        store: storeOf(parts, namespace),
        schedule,
        options: config.sweep.options,
        metrics: sweepMetrics,
        clock,
      }),
  );
  const { warehouse, audit } = config;
  return [
    ...sweeps,
    ...(audit.place === undefined ? [] : [auditTask(parts, audit.place)]),
    ...(warehouse.place === undefined ? [] : [warehouseTask(parts, warehouse.place)]),
  ];
}

function auditTask(parts: TaskParts, place: CatalogPlace): AuditTask {
  const { config, metrics, clock } = parts;
  const { audit, sweep, schedule } = config;
  return new AuditTask({
    open: () => openCatalog(place, { poolSize: 1 }),
    leases: storeOf(parts, RUNS_NAMESPACE).leases,
    keptMs: audit.keptMs,
    options: sweep.options,
    schedule: new CronSchedule(audit.schedule, schedule.timeZone),
    metrics,
    clock,
  });
}

function warehouseTask(parts: TaskParts, place: WarehousePlace): WarehouseTask {
  const { config, metrics, logger, clock } = parts;
  const { warehouse, region, sweep, schedule } = config;
  const { pool, leases } = storeOf(parts, POOL_NAMESPACE);
  const client = createDataApiClient({
    region,
    ...(warehouse.endpoint === undefined ? {} : { endpoint: warehouse.endpoint }),
  });
  const api = new AwsDataApi(client, new CallRate(clock, warehouse.quotaShare));
  const reconciler = new SessionReconciler({
    api: observedDataApi(api, callMetrics(metrics, DATA_API_CALLS)),
    pool,
    place,
    region,
    clock,
    observer: { warning: (message) => logger.warn({ context: 'Warehouse' }, message) },
  });
  return new WarehouseTask({
    reconciler,
    leases,
    leaseTtlMs: sweep.options.leaseTtlMs,
    graceMs: warehouse.graceMs,
    closeUnknown: warehouse.closeUnknown,
    schedule: new CronSchedule(warehouse.schedule, schedule.timeZone),
    metrics,
    clock,
  });
}

function storeOf({ stores }: TaskParts, namespace: string): StoreBackend {
  const store = stores.get(namespace);
  if (store === undefined) throw new TypeError(`The namespace ${namespace} was not opened.`);
  return store;
}
