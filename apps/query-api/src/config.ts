import {
  callerOptionsOf,
  callerVariables,
  environment,
  loadConfig,
  secretsOf,
  serverOptionsOf,
  serverVariables,
} from '@mooring/environment-config';
import type { Environment } from '@mooring/environment-config';
import {
  passwordFaults,
  passwordOptionsOf,
  passwordVariables,
  tokenFaults,
  tokenOptionsOf,
  tokenVariables,
} from '@mooring/nest-access';
import { storeFaults, storeOptionsOf, storeVariables } from '@mooring/nest-session-store';
import { z } from 'zod';
import { parseTokens } from './api-tokens.ts';
import { embeddedFaults, embeddedOptionsOf, embeddedVariables } from './engine/embedded-variables.ts';
import { metricsOptionsOf, metricsVariables } from './metrics/metrics-variables.ts';
import { resultFaults, resultSettingsOf, resultVariables } from './results/result-variables.ts';
import { targetFaults, targetSettingsOf } from './warehouse-target.ts';

const { integer, choice, text, url, secret } = environment;
const SECONDS_IN_A_DAY = 86_400;

function budget(what: string) {
  return integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    .optional()
    .describe(`The most ${what} of a tenant in a day (UTC), over all processes. No limit unless set.`);
}

const server = serverVariables(8000);

/** Every variable of the service. The reference page is made from it. */
export const configSchema = z
  .object({
    ...server,
    NODE_ENV: server.NODE_ENV.describe(
      '`production` refuses what only suits a laptop, such as sessions in memory by default.',
    ),
    ...callerVariables({
      most: 16_777_216,
      usual: 524_288,
      description: 'The largest request body. SQL itself is limited to 200 KiB by the Data API.',
    }),

    ...storeVariables,
    ...tokenVariables,
    ...passwordVariables,
    MOORING_TOKEN_MAX_STALENESS_MS: integer({ min: 0, max: 60_000, unit: 'milliseconds' })
      .default(0)
      .describe(
        'How long a token that was found good is taken again without asking the store: for so long one that was ended ' +
          'elsewhere still works here.',
      ),
    MOORING_RATE_LIMIT_REQUESTS: integer({ min: 0, max: 10_000 })
      .default(600)
      .describe('The most requests of a session in the window; 0 for no limit.'),
    MOORING_RATE_LIMIT_WINDOW_SECONDS: integer({ min: 1, max: SECONDS_IN_A_DAY, unit: 'seconds' })
      .default(60)
      .describe('The window of the limit on requests.'),
    MOORING_MESSAGE_RATE_LIMIT: integer({ min: 1, max: 10_000 })
      .default(30)
      .describe('The most WebSocket messages of a session in the window, over all its connections and processes.'),
    MOORING_MESSAGE_RATE_WINDOW_SECONDS: integer({ min: 1, max: SECONDS_IN_A_DAY, unit: 'seconds' })
      .default(60)
      .describe('The window of the limit on messages.'),
    MOORING_STREAM_MAX_CONNECTIONS: integer({ min: 1, max: 100_000 })
      .default(1000)
      .describe('The most WebSocket connections of this process.'),
    MOORING_BUDGET_STATEMENTS_PER_DAY: budget('statements'),
    MOORING_BUDGET_SECONDS_PER_DAY: budget('seconds of run time, started ones counted whole'),
    MOORING_BUDGET_ROWS_PER_DAY: budget('rows of results'),

    MOORING_API_TOKENS: secret(
      text({ takes: 'entries `<token>=<tenant>/<user>[/<database user>]`, separated by commas or line breaks' }),
    )
      .transform((value, context) => {
        const { tokens, faults } = parseTokens(value);
        for (const message of faults) context.issues.push({ code: 'custom', message, input: value });
        return tokens;
      })
      .optional()
      .describe(
        'Who may call without logging in, such as other services. A token is 16 or more letters, digits or `-._~+/` and may end in `=`, or it is ' +
          '`sha256:` and the 64 hex digits of its SHA-256, so that no token stands in the configuration.',
      )
      .meta({ example: 'sha256:9f86…0a08=acme/ann' }),

    AWS_REGION: text({ pattern: /^[a-z0-9-]+$/, takes: 'an AWS Region' })
      .default('us-east-1')
      .describe('Region of the warehouse, and of DynamoDB.'),
    AWS_ENDPOINT_URL_REDSHIFT_DATA: url(['http', 'https'])
      .optional()
      .describe('Another endpoint for the Data API, such as redshift-data-local.')
      .meta({ example: 'http://127.0.0.1:8003' }),
    MOORING_WAREHOUSE_WORKGROUP: text()
      .optional()
      .describe(
        'Name or ARN of a Redshift Serverless workgroup. Without it and MOORING_WAREHOUSE_CLUSTER there is no warehouse: ' +
          'SQL runs on embedded data alone.',
      ),
    MOORING_WAREHOUSE_CLUSTER: text().optional().describe('Identifier of a provisioned cluster, in its place.'),
    MOORING_WAREHOUSE_DATABASE: text()
      .optional()
      .describe('Database that statements run in. `{tenant}` stands for the tenant. Default with a warehouse: `dev`.'),
    MOORING_WAREHOUSE_SECRET_ARN: text()
      .optional()
      .describe('Secret with the database credentials. `{tenant}` stands for the tenant.'),
    MOORING_WAREHOUSE_DB_USER: text()
      .optional()
      .describe(
        'Database user on a cluster. `{tenant}` stands for the tenant; a token may name another. ' +
          'Default on a cluster without a secret: `tenant_{tenant}`.',
      )
      .meta({ example: 'tenant_{tenant}' }),
    MOORING_WAREHOUSE_QUOTA_PERCENT: integer({ min: 1, max: 10_000, unit: 'percent' })
      .default(100)
      .describe(
        "This process's share of the account's published Data API quotas, such as 20 results read per second; " +
          'above 100 only for a stand-in that has none.',
      ),
    MOORING_POOL_MAX_PER_TENANT: integer({ min: 1, max: 500 })
      .default(4)
      .describe('The most warehouse sessions of one tenant and database user, over all processes.'),
    MOORING_POOL_MAX_SESSIONS: integer({ min: 1, max: 500 })
      .default(400)
      .describe("The most warehouse sessions over all tenants and processes. The service's own limit is 500."),
    MOORING_POOL_KEEP_ALIVE_SECONDS: integer({ min: 1, max: SECONDS_IN_A_DAY, unit: 'seconds' })
      .default(600)
      .describe('How long the warehouse keeps an unused session.'),
    MOORING_POOL_OVERFLOW: choice(['wait', 'ephemeral', 'reject'])
      .default('wait')
      .describe('When no session is free: wait for one, run without one, or refuse.'),
    MOORING_POOL_WAIT_SECONDS: integer({ min: 1, max: 300, unit: 'seconds' })
      .default(30)
      .describe('The longest wait for a session.'),
    MOORING_POOL_DIRTY_SESSIONS: choice(['drain', 'reset'])
      .default('drain')
      .describe('What happens to a session that a statement left changed: close it, or undo what RESET can undo.'),
    MOORING_QUERY_TIMEOUT_SECONDS: integer({ min: 1, max: SECONDS_IN_A_DAY, unit: 'seconds' })
      .default(300)
      .describe('Run time after which a statement is cancelled, where the request does not say.'),
    MOORING_QUERY_MAX_TIMEOUT_SECONDS: integer({ min: 1, max: SECONDS_IN_A_DAY, unit: 'seconds' })
      .default(3600)
      .describe('The longest run time that a request may ask for.'),
    MOORING_QUERY_MAX_ROWS: integer({ min: 1, max: 100_000 })
      .default(10_000)
      .describe(
        'The most rows in one answer, and of each statement in an answer of several. Streams have no such limit.',
      ),

    ...embeddedVariables,
    ...resultVariables,
    MOORING_SQL_SESSION_IDLE_SECONDS: integer({ min: 1, max: SECONDS_IN_A_DAY, unit: 'seconds' })
      .default(600)
      .describe('A pinned session that is not used for so long is closed.'),
    MOORING_SQL_SESSIONS_PER_USER: integer({ min: 1, max: 1000 })
      .default(10)
      .describe('The most pinned sessions of a user in this process.'),
    MOORING_SQL_SESSIONS_PER_TENANT: integer({ min: 1, max: 100_000 })
      .default(250)
      .describe('The most pinned sessions of a tenant in this process.'),
    MOORING_SQL_MAX_SESSIONS: integer({ min: 1, max: 100_000 })
      .default(1000)
      .describe('The most pinned sessions of this process.'),

    ...metricsVariables,
  })
  .superRefine((values, context) => {
    for (const { variable, message } of [
      ...storeFaults(values),
      ...tokenFaults(values),
      ...passwordFaults(values),
      ...targetFaults(values),
      ...embeddedFaults(values),
      ...resultFaults(values),
    ]) {
      context.addIssue({ code: 'custom', path: [variable], message });
    }
    if (values.MOORING_QUERY_TIMEOUT_SECONDS > values.MOORING_QUERY_MAX_TIMEOUT_SECONDS) {
      context.addIssue({
        code: 'custom',
        path: ['MOORING_QUERY_TIMEOUT_SECONDS'],
        message: 'must not be above MOORING_QUERY_MAX_TIMEOUT_SECONDS',
      });
    }
  })
  .transform((values) => ({
    production: values.NODE_ENV === 'production',
    server: { ...serverOptionsOf(values), ...callerOptionsOf(values) },
    store: storeOptionsOf(values),
    tokens: {
      configured: values.MOORING_API_TOKENS ?? [],
      options: tokenOptionsOf(values),
      maxStalenessMs: values.MOORING_TOKEN_MAX_STALENESS_MS,
    },
    passwords: passwordOptionsOf(values),
    limits: {
      requests: values.MOORING_RATE_LIMIT_REQUESTS,
      windowMs: values.MOORING_RATE_LIMIT_WINDOW_SECONDS * 1000,
    },
    stream: {
      messages: values.MOORING_MESSAGE_RATE_LIMIT,
      windowMs: values.MOORING_MESSAGE_RATE_WINDOW_SECONDS * 1000,
      maxConnections: values.MOORING_STREAM_MAX_CONNECTIONS,
    },
    budgets: {
      statements: values.MOORING_BUDGET_STATEMENTS_PER_DAY,
      seconds: values.MOORING_BUDGET_SECONDS_PER_DAY,
      rows: values.MOORING_BUDGET_ROWS_PER_DAY,
    },
    region: values.AWS_REGION,
    dataApi: {
      endpoint: values.AWS_ENDPOINT_URL_REDSHIFT_DATA,
      quotaShare: values.MOORING_WAREHOUSE_QUOTA_PERCENT / 100,
    },
    /** Undefined: there is none. */
    warehouse: targetSettingsOf(values),
    pool: {
      maxSessionsPerKey: values.MOORING_POOL_MAX_PER_TENANT,
      maxSessionsPerTarget: values.MOORING_POOL_MAX_SESSIONS,
      keepAliveSeconds: values.MOORING_POOL_KEEP_ALIVE_SECONDS,
      overflow: values.MOORING_POOL_OVERFLOW,
      waitTimeoutMs: values.MOORING_POOL_WAIT_SECONDS * 1000,
      dirtySessions: values.MOORING_POOL_DIRTY_SESSIONS,
    },
    queries: {
      timeoutMs: values.MOORING_QUERY_TIMEOUT_SECONDS * 1000,
      maxTimeoutMs: values.MOORING_QUERY_MAX_TIMEOUT_SECONDS * 1000,
      maxRows: values.MOORING_QUERY_MAX_ROWS,
    },
    dataDir: values.MOORING_DATA_DIR,
    embedded: embeddedOptionsOf(values),
    results: resultSettingsOf(values),
    sqlSessions: {
      idleMs: values.MOORING_SQL_SESSION_IDLE_SECONDS * 1000,
      maxPerUser: values.MOORING_SQL_SESSIONS_PER_USER,
      maxPerTenant: values.MOORING_SQL_SESSIONS_PER_TENANT,
      maxOpen: values.MOORING_SQL_MAX_SESSIONS,
    },
    metrics: metricsOptionsOf(values),
  }));

export type QueryApiConfig = z.output<typeof configSchema>;
export const QueryApiConfig = Symbol('QueryApiConfig');

/** The configuration of this process, and what of it no log may hold. Throws a `ConfigError` with every fault. */
export function readConfig(env: Environment = process.env): { config: QueryApiConfig; secrets: string[] } {
  const config = loadConfig(configSchema, env, { foreign: ['MOORING_TEST_', 'MOORING_START_'] });
  return { config, secrets: secretsOf(configSchema, env) };
}
