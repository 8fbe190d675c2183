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
import { databaseLimits } from '@mooring/session-store/adapter';
import { z } from 'zod';
import { passwordFault } from '@mooring/users';
import { parseDemoUsers, parseFirstAdmin } from './users/configured-users.ts';

const { boolean, integer, text, url, secret } = environment;
const SECONDS_IN_A_DAY = 86_400;

const ORIGIN = /^https?:\/\/[^\s/?#@,]+$/;

const server = serverVariables(8001);

/** Every variable of the service. The reference page is made from it. */
export const configSchema = z
  .object({
    ...server,
    NODE_ENV: server.NODE_ENV.describe(
      '`production` refuses what only suits a laptop: demo users, cheap hashes, sessions in memory by default.',
    ),
    MOORING_LOG_LEVEL: server.MOORING_LOG_LEVEL.describe(
      'The least important lines to log. The audit log needs `info`.',
    ),
    ...callerVariables({ most: 1_048_576, usual: 32_768, description: 'The largest request body.' }),

    ...storeVariables,
    DATABASE_URL: secret(url(['postgres', 'postgresql']))
      .describe('PostgreSQL for the users, and for the sessions unless MOORING_SESSION_STORE says otherwise.')
      .meta({ example: 'postgres://mooring:…@db:5432/mooring' }),
    AWS_REGION: text({ pattern: /^[a-z0-9-]+$/, takes: 'an AWS Region' })
      .default('us-east-1')
      .describe('Region of DynamoDB.'),
    ...tokenVariables,

    MOORING_AUTH_COOKIE: boolean()
      .default(false)
      .describe('Also hand tokens to browsers in a `__Host-` cookie, with protection against forged requests.'),
    MOORING_AUTH_ALLOWED_ORIGINS: text({ takes: 'origins such as `https://app.example.com`, separated by commas' })
      .transform((value, context) => {
        const origins = value
          .split(',')
          .map((origin) => origin.trim())
          .filter(Boolean);
        const wrong = origins.find((origin) => !ORIGIN.test(origin));
        if (wrong !== undefined) {
          context.issues.push({ code: 'custom', message: 'has an entry that is no origin', input: value });
        }
        return origins;
      })
      .optional()
      .describe('Origins besides its own whose pages may ask this service, with cookies. None unless set.'),
    MOORING_RATE_LIMIT_REQUESTS: integer({ min: 0, max: 10_000 })
      .default(600)
      .describe('The most requests of a session in the window; 0 for no limit.'),
    MOORING_RATE_LIMIT_LOGINS: integer({ min: 0, max: 10_000 })
      .default(60)
      .describe('The most logins from one address in the window, good or bad; 0 for no limit.'),
    MOORING_RATE_LIMIT_WINDOW_SECONDS: integer({ min: 1, max: SECONDS_IN_A_DAY, unit: 'seconds' })
      .default(60)
      .describe('The window of these limits.'),

    ...passwordVariables,

    MOORING_FIRST_ADMIN: secret(text({ takes: '`<tenant>/<username>:<password>`' }))
      .transform((value, context) => {
        const user = parseFirstAdmin(value);
        if (typeof user !== 'string') return user;
        context.issues.push({ code: 'custom', message: user, input: value });
        return z.NEVER;
      })
      .optional()
      .describe('A user with the role `system`, created while there is none; remove it then.')
      .meta({ example: 'acme/root:…' }),
    MOORING_DEMO_USERS: secret(
      text({ takes: 'entries `<username>:<password>@<tenant>/<role>`, separated by commas or line breaks' }),
    )
      .transform((value, context) => {
        const { users, faults } = parseDemoUsers(value);
        for (const message of faults) context.issues.push({ code: 'custom', message, input: value });
        return users;
      })
      .optional()
      .describe('Users to try things out with, whatever their passwords. Refused in production.')
      .meta({ example: 'test:test@demo/user' }),
  })
  .superRefine((values, context) => {
    const fault = (variable: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [variable], message });
    for (const { variable, message } of [...storeFaults(values), ...tokenFaults(values)]) fault(variable, message);
    const { MOORING_FIRST_ADMIN: admin, MOORING_PASSWORD_MIN_LENGTH: minLength } = values;
    const weak = admin === undefined ? undefined : passwordFault(admin.password, admin, { minLength });
    if (weak !== undefined) fault('MOORING_FIRST_ADMIN', `has a password that ${weak.detail}`);
    for (const { variable, message } of passwordFaults(values)) fault(variable, message);
    if (values.NODE_ENV === 'production' && values.MOORING_DEMO_USERS !== undefined)
      fault('MOORING_DEMO_USERS', 'is for demonstrations, not for production');
  })
  .transform((values) => ({
    production: values.NODE_ENV === 'production',
    server: { ...serverOptionsOf(values), ...callerOptionsOf(values) },
    store: storeOptionsOf(values),
    region: values.AWS_REGION,
    users: {
      url: values.DATABASE_URL,
      poolSize: values.MOORING_DATABASE_POOL_SIZE,
      applicationName: 'mooring-auth-api',
      ...databaseLimits(storeOptionsOf(values).timeoutMs),
    },
    tokens: tokenOptionsOf(values),
    cookie: values.MOORING_AUTH_COOKIE,
    allowedOrigins: values.MOORING_AUTH_ALLOWED_ORIGINS ?? [],
    limits: {
      requests: values.MOORING_RATE_LIMIT_REQUESTS,
      logins: values.MOORING_RATE_LIMIT_LOGINS,
      windowMs: values.MOORING_RATE_LIMIT_WINDOW_SECONDS * 1000,
    },
    passwords: passwordOptionsOf(values),
    firstAdmin: values.MOORING_FIRST_ADMIN,
    demoUsers: values.MOORING_DEMO_USERS ?? [],
  }));

export type AuthApiConfig = z.output<typeof configSchema>;
export const AuthApiConfig = Symbol('AuthApiConfig');

/** So short that cutting it out of the log would cut up words. */
const SHORTEST_SECRET = 6;

/** The configuration of this process, and what of it no log may hold. Throws a `ConfigError` with every fault. */
export function readConfig(env: Environment = process.env): { config: AuthApiConfig; secrets: string[] } {
  const config = loadConfig(configSchema, env, { foreign: ['MOORING_TEST_', 'MOORING_START_'] });
  const { firstAdmin, demoUsers } = config;
  const passwords = [...(firstAdmin === undefined ? [] : [firstAdmin]), ...demoUsers].map(({ password }) => password);
  return {
    config,
    secrets: [...secretsOf(configSchema, env), ...passwords.filter(({ length }) => length >= SHORTEST_SECRET)],
  };
}
