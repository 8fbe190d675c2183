import { catalogPlace } from '@mooring/engine-catalog';
import { environment, loadConfig, secretsOf, serverOptionsOf, serverVariables } from '@mooring/environment-config';
import type { Environment } from '@mooring/environment-config';
import { tokenFaults, tokenOptionsOf, tokenVariables } from '@mooring/nest-access';
import { selectBackend, storeFaults, storeOptionsOf, storeVariables } from '@mooring/nest-session-store';
import type { WarehousePlace } from '@mooring/redshift-sessions';
import { z } from 'zod';
import { cronFault, isTimeZone } from './schedule/cron-schedule.ts';
import { sweepSettingsOf, sweepVariables } from './sweep-variables.ts';

const { boolean, integer, text, url } = environment;

function schedule(expression: string, what: string) {
  return text({ takes: 'a cron expression of five fields, or six with seconds' })
    .transform((value, context) => {
      const fault = cronFault(value);
      if (fault !== undefined) context.issues.push({ code: 'custom', message: fault, input: value });
      return value;
    })
    .default(expression)
    .describe(what);
}

const server = serverVariables(8002);

/** Every variable of the service. The reference page is made from it. */
export const configSchema = z
  .object({
    ...server,
    MOORING_LOG_LEVEL: server.MOORING_LOG_LEVEL.describe(
      'The least important lines to log. Each run is a line at `info`, a failed one at `error`.',
    ),
    MOORING_SHUTDOWN_DEADLINE_SECONDS: server.MOORING_SHUTDOWN_DEADLINE_SECONDS.describe(
      'How long requests under way may take to finish after SIGTERM. Sweeps end at once.',
    ),

    ...storeVariables,
    MOORING_DATABASE_POOL_SIZE: integer({ min: 1, max: 500 })
      .default(3)
      .describe('The most database connections of each namespace that the worker opens.'),
    ...tokenVariables,

    ...sweepVariables,
    MOORING_SWEEP_SCHEDULE: schedule('0 * * * *', 'When the namespaces are swept.'),
    MOORING_SCHEDULE_TIME_ZONE: text({ takes: 'a time zone, such as `Europe/Berlin`' })
      .transform((value, context) => {
        if (!isTimeZone(value)) context.issues.push({ code: 'custom', message: 'is no time zone', input: value });
        return value;
      })
      .default('UTC')
      .describe('The time zone of the schedules.'),
    MOORING_SCHEDULE_JITTER_SECONDS: integer({ min: 0, max: 3600, unit: 'seconds' })
      .default(60)
      .describe('A task starts up to this much after it is due, at random; never more than half of the interval.'),
    MOORING_RUNS_KEPT_DAYS: integer({ min: 1, max: 400, unit: 'days' })
      .default(30)
      .describe('How long the record of a run is kept.'),

    MOORING_DATA_DIR: text()
      .optional()
      .describe(
        "Folder of embedded databases, as the query API on this machine has it: its `catalog.db` has the engine's audit log where " +
          'DATABASE_URL is not set. With neither, that is not pruned here.',
      )
      .meta({ example: '/var/lib/mooring/data' }),
    MOORING_AUDIT_SCHEDULE: schedule('15 3 * * *', "When the engine's audit log is pruned."),
    MOORING_AUDIT_KEPT_DAYS: integer({ min: 1, max: 3650, unit: 'days' })
      .default(365)
      .describe("How long events of the engine's audit log are kept."),

    AWS_REGION: text({ pattern: /^[a-z0-9-]+$/, takes: 'an AWS Region' })
      .default('us-east-1')
      .describe('Region of the warehouse, and of DynamoDB. The same as of the query API.'),
    AWS_ENDPOINT_URL_REDSHIFT_DATA: url(['http', 'https'])
      .optional()
      .describe('Another endpoint for the Data API, such as redshift-data-local.')
      .meta({ example: 'http://127.0.0.1:8003' }),
    MOORING_WAREHOUSE_WORKGROUP: text()
      .optional()
      .describe(
        'Name or ARN of a Redshift Serverless workgroup, as the query API has it. Without a warehouse, its task is off.',
      ),
    MOORING_WAREHOUSE_CLUSTER: text().optional().describe('Identifier of a provisioned cluster, in its place.'),
    MOORING_WAREHOUSE_QUOTA_PERCENT: integer({ min: 1, max: 10_000, unit: 'percent' })
      .default(10)
      .describe("This process's share of the account's published Data API quotas; above 100 only for a stand-in."),
    MOORING_WAREHOUSE_SCHEDULE: schedule(
      '*/5 * * * *',
      'When the pool is compared with the warehouse. More often than sweeps: what it finds is gone by itself after a keep-alive.',
    ),
    MOORING_WAREHOUSE_GRACE_SECONDS: integer({ min: 30, max: 86_400, unit: 'seconds' })
      .default(120)
      .describe('How long a session must be open, or abandoned, before it is closed.'),
    MOORING_WAREHOUSE_CLOSE_UNKNOWN: boolean()
      .default(false)
      .describe(
        'Close sessions that the pool does not know. Only where nothing else uses the IAM identity of the services at this ' +
          'warehouse: sessions of another program would be closed, too.',
      ),
  })
  .superRefine((values, context) => {
    const fault = (variable: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [variable], message });
    for (const { variable, message } of [...storeFaults(values), ...tokenFaults(values)]) fault(variable, message);
    if (sweepsItself(values)) {
      fault('DATABASE_URL', 'or another store that the services share is needed: memory is swept by its own process');
    }
    if (values.MOORING_WAREHOUSE_WORKGROUP !== undefined && values.MOORING_WAREHOUSE_CLUSTER !== undefined) {
      fault('MOORING_WAREHOUSE_CLUSTER', 'must not be set beside MOORING_WAREHOUSE_WORKGROUP');
    }
  })
  .transform((values) => ({
    production: values.NODE_ENV === 'production',
    server: serverOptionsOf(values),
    store: storeOptionsOf(values),
    region: values.AWS_REGION,
    tokens: tokenOptionsOf(values),
    schedule: {
      timeZone: values.MOORING_SCHEDULE_TIME_ZONE,
      jitterMs: values.MOORING_SCHEDULE_JITTER_SECONDS * 1000,
      runsKeptMs: values.MOORING_RUNS_KEPT_DAYS * 86_400_000,
    },
    sweep: { ...sweepSettingsOf(values), schedule: values.MOORING_SWEEP_SCHEDULE },
    audit: {
      // Whatever the query API does: it may keep a folder that this process knows nothing of.
      place: catalogPlace({
        url: values.DATABASE_URL,
        folder: values.MOORING_DATA_DIR,
        production: true,
        timeoutMs: storeOptionsOf(values).timeoutMs,
      }),
      schedule: values.MOORING_AUDIT_SCHEDULE,
      keptMs: values.MOORING_AUDIT_KEPT_DAYS * 86_400_000,
    },
    warehouse: {
      place: placeOf(values.MOORING_WAREHOUSE_WORKGROUP, values.MOORING_WAREHOUSE_CLUSTER),
      endpoint: values.AWS_ENDPOINT_URL_REDSHIFT_DATA,
      quotaShare: values.MOORING_WAREHOUSE_QUOTA_PERCENT / 100,
      schedule: values.MOORING_WAREHOUSE_SCHEDULE,
      graceMs: values.MOORING_WAREHOUSE_GRACE_SECONDS * 1000,
      closeUnknown: values.MOORING_WAREHOUSE_CLOSE_UNKNOWN,
    },
  }));

export type CleanupWorkerConfig = z.output<typeof configSchema>;

/** The configuration of this process, and what of it no log may hold. Throws a `ConfigError` with every fault. */
export function readConfig(env: Environment = process.env): { config: CleanupWorkerConfig; secrets: string[] } {
  const config = loadConfig(configSchema, env, { foreign: ['MOORING_TEST_', 'MOORING_START_'] });
  return { config, secrets: secretsOf(configSchema, env) };
}

function sweepsItself(values: Parameters<typeof storeOptionsOf>[0]): boolean {
  if (storeFaults(values).length > 0) return false;
  return selectBackend(storeOptionsOf(values)).name === 'memory';
}

function placeOf(workgroup: string | undefined, cluster: string | undefined): WarehousePlace | undefined {
  if (workgroup !== undefined) return { workgroupName: workgroup };
  return cluster === undefined ? undefined : { clusterIdentifier: cluster };
}
