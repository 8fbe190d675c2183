import { hostname } from 'node:os';
import { Module } from '@nestjs/common';
import type { DynamicModule, OnModuleDestroy, Provider } from '@nestjs/common';
import { AuthTokens } from '@mooring/auth-tokens';
import { catalogFaults, openCatalog } from '@mooring/engine-catalog';
import type { ConfigCheck } from '@mooring/environment-config';
import { AUTH_NAMESPACE, TokenVerifier, observedVerifier } from '@mooring/nest-access';
import { HealthIndicator, Logger, Metrics, ServiceLifecycle, traced } from '@mooring/nest-runtime';
import { SessionStoreModule, storeMetrics, storePlaceFaults, storeToken } from '@mooring/nest-session-store';
import type { SessionStoreOptions } from '@mooring/nest-session-store';
import { Clock, systemClock } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { schemaMigrated } from '@mooring/session-store/adapter';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import { RUNS_NAMESPACE, RunRecords } from '@mooring/session-sweeper';
import { AuditLog } from './audit-log.ts';
import type { CleanupWorkerConfig } from './config.ts';
import { RunMetrics } from './runs/run-metrics.ts';
import { TaskRunner } from './runs/task-runner.ts';
import { CronSchedule } from './schedule/cron-schedule.ts';
import { TaskSchedules } from './schedule/task-schedules.ts';
import { SweepLag } from './sweep-lag.ts';
import { TASKS, TasksController } from './tasks-controller.ts';
import { POOL_NAMESPACE, tasksOf } from './tasks/tasks.ts';
import type { Task } from './tasks/task.ts';

/** A store of each namespace that is in use, by name. */
const STORES = Symbol('Stores');
type Stores = ReadonlyMap<string, StoreBackend>;

const MOST_RETRY_MS = 2000;

/** Waits for runs to end before the stores that they use are closed. */
class RunsEnd implements OnModuleDestroy {
  constructor(private readonly schedules: TaskSchedules) {}

  onModuleDestroy(): Promise<void> {
    return this.schedules.idle();
  }
}

/** Everything of the worker, wired in one place. Nothing runs until `TaskSchedules` is started. */
@Module({})
export class CleanupWorkerModule {
  static withConfig(config: CleanupWorkerConfig, clock: Clock = systemClock): DynamicModule {
    const namespaces = openedNamespaces(config);
    return {
      module: CleanupWorkerModule,
      imports: namespaces.map((namespace) => storeModule(config, namespace)),
      controllers: [TasksController],
      providers: [
        { provide: Clock, useValue: clock },
        {
          provide: STORES,
          useFactory: (...stores: StoreBackend[]): Stores =>
            new Map(stores.map((store, index) => [namespaces[index] ?? '', store])),
          inject: namespaces.map(storeToken),
        },
        {
          provide: TokenVerifier,
          useFactory: ({ sessions }: StoreBackend, metrics: Metrics) =>
            observedVerifier(new AuthTokens({ sessions, options: config.tokens }), metrics, traced),
          inject: [storeToken(AUTH_NAMESPACE), Metrics],
        },
        ...runProviders(config, clock),
        {
          provide: HealthIndicator,
          useFactory: (stores: Stores) =>
            new SweepLag({ stores: sweptOf(config, stores), schedule: sweepSchedule(config), clock }),
          inject: [STORES],
        },
      ],
    };
  }
}

function runProviders(config: CleanupWorkerConfig, clock: Clock): Provider[] {
  const { schedule, sweep } = config;
  return [
    {
      provide: TASKS,
      useFactory: async (stores: Stores, metrics: Metrics, logger: Logger) => {
        await prepareCatalog(config, logger);
        return tasksOf({ config, stores, metrics, logger, clock });
      },
      inject: [STORES, Metrics, Logger],
    },
    { provide: AuditLog, useFactory: (logger: Logger) => new AuditLog(logger), inject: [Logger] },
    {
      provide: RunRecords,
      useFactory: ({ sessions }: StoreBackend) => new RunRecords(sessions, schedule.runsKeptMs),
      inject: [storeToken(RUNS_NAMESPACE)],
    },
    {
      provide: TaskRunner,
      useFactory: (
        tasks: readonly Task[],
        records: RunRecords,
        audit: AuditLog,
        metrics: Metrics,
        logger: Logger,
        life: ServiceLifecycle,
      ) =>
        new TaskRunner({
          records,
          audit,
          metrics: new RunMetrics(
            metrics,
            tasks.map(({ name }) => name),
          ),
          logger,
          clock,
          instance: `${hostname()}/${process.pid}`,
          retryMs: Math.min(MOST_RETRY_MS, Math.ceil(sweep.options.leaseTtlMs / 4)),
          signal: life.signal,
        }),
      inject: [TASKS, RunRecords, AuditLog, Metrics, Logger, ServiceLifecycle],
    },
    {
      provide: TaskSchedules,
      useFactory: (tasks: readonly Task[], runner: TaskRunner, { signal }: ServiceLifecycle) =>
        new TaskSchedules({ tasks, runner, clock, jitterMs: schedule.jitterMs, signal }),
      inject: [TASKS, TaskRunner, ServiceLifecycle],
    },
    { provide: RunsEnd, useFactory: (schedules: TaskSchedules) => new RunsEnd(schedules), inject: [TaskSchedules] },
  ];
}

function openedNamespaces(config: CleanupWorkerConfig): readonly string[] {
  const pool = config.warehouse.place === undefined ? [] : [POOL_NAMESPACE];
  return [...new Set([...config.sweep.namespaces, AUTH_NAMESPACE, ...pool])];
}

function sweptOf(config: CleanupWorkerConfig, stores: Stores): Stores {
  const { namespaces } = config.sweep;
  return new Map([...stores].filter(([namespace]) => namespaces.includes(namespace)));
}

function sweepSchedule({ sweep, schedule }: CleanupWorkerConfig): CronSchedule {
  return new CronSchedule(sweep.schedule, schedule.timeZone);
}

/** A task opens it for each of its runs: what is in the way of that is said at the start. */
async function prepareCatalog({ audit: { place } }: CleanupWorkerConfig, logger: Logger): Promise<void> {
  if (place === undefined || !('url' in place)) return;
  const onMigrated = (version: SchemaVersion): void => logger.info(schemaMigrated('the catalog', version));
  await (await openCatalog(place, { poolSize: 1, onMigrated })).close();
}

/** What the worker needs to start. The file of a catalog is made by the query API, and is not. */
export function checksOf(config: CleanupWorkerConfig): readonly ConfigCheck[] {
  const { place } = config.audit;
  return [
    () => storePlaceFaults(storeOptions(config)),
    ...(place !== undefined && 'url' in place ? [() => catalogFaults(place)] : []),
  ];
}

/** The store of a namespace, as the configuration has it. */
export function storeOptions(
  { store, region, production }: CleanupWorkerConfig,
  namespace: string = RUNS_NAMESPACE,
): SessionStoreOptions {
  const { dynamodb } = store;
  return {
    ...store,
    ...(dynamodb === undefined ? {} : { dynamodb: { ...dynamodb, region } }),
    namespace,
    production,
  };
}

function storeModule(config: CleanupWorkerConfig, namespace: string): DynamicModule {
  return SessionStoreModule.forRootAsync({
    name: namespace,
    inject: [Metrics],
    useFactory: (metrics: Metrics): SessionStoreOptions => ({
      ...storeOptions(config, namespace),
      observer: storeMetrics(metrics, namespace, traced),
    }),
  });
}
