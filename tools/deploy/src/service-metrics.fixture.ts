import { Metrics } from '@mooring/nest-runtime';
import type { RunningService } from '@mooring/nest-runtime';
import { serve as serveAuthApi } from '@mooring/auth-api';
import { serve as serveCleanupWorker } from '@mooring/cleanup-worker';
import { serve as serveQueryApi } from '@mooring/query-api';
import { testPostgres } from '@mooring/services';
import type { ServiceName } from './deployment-files.fixture.ts';

/** A metric as a service has it from its start, before anything was measured. */
export interface KnownMetric {
  readonly service: ServiceName;
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
  /** The labels of each series that is there. */
  readonly series: readonly Readonly<Record<string, string | number | undefined>>[];
}

/** Of metrics of the runtime, prom-client's own. */
interface RegisteredMetric {
  readonly name: string;
  readonly help: string;
  readonly type?: string;
  readonly labelNames: readonly string[];
}

/** Every metric of every service, started with all that it may have. */
export async function knownMetrics(): Promise<readonly KnownMetric[]> {
  const postgres = await testPostgres();
  const env = {
    DATABASE_URL: await postgres.createDatabase(),
    MOORING_PORT: '0',
    MOORING_LOG_LEVEL: 'silent',
    MOORING_WAREHOUSE_CLUSTER: 'main',
    // Nobody listens there, and nobody asks.
    AWS_ENDPOINT_URL_REDSHIFT_DATA: 'http://127.0.0.1:9',
  };
  const { MOORING_WAREHOUSE_CLUSTER: _cluster, AWS_ENDPOINT_URL_REDSHIFT_DATA: _endpoint, ...withoutWarehouse } = env;
  const started: [ServiceName, RunningService][] = [
    ['auth-api', await serveAuthApi(withoutWarehouse, false)],
    ['query-api', await serveQueryApi({ ...env, MOORING_METRICS_TENANTS: '1' }, false)],
    ['cleanup-worker', await serveCleanupWorker(env, { handleSignals: false })],
  ];
  try {
    const metrics = started.map(([service, { app }]) => metricsOf(service, app.get(Metrics, { strict: false })));
    return (await Promise.all(metrics)).flat();
  } finally {
    for (const [, service] of started) await service.close();
    await postgres.stop();
  }
}

async function metricsOf(service: ServiceName, { registry }: Metrics): Promise<KnownMetric[]> {
  const measured = new Map((await registry.getMetricsAsJSON()).map(({ name, values }) => [name, values]));
  return (registry.getMetricsAsArray() as unknown as RegisteredMetric[]).map(
    ({ name, help, type = 'gauge', labelNames }) => {
      const series = (measured.get(name) ?? []).map(({ labels }) => labels);
      return { service, name, type, labels: labelNames, help, series };
    },
  );
}
