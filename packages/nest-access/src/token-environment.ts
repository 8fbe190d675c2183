import type { AuthTokenOptions } from '@mooring/auth-tokens';
import { environment } from '@mooring/environment-config';
import type { z } from 'zod';

const { choice, integer, text } = environment;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The namespace of the store in which services keep the sessions of tokens: one that issues and all that verify. */
export const AUTH_NAMESPACE = 'auth';

/** The variables about tokens: the same in the service that issues them and in those that verify them. */
export const tokenVariables = {
  MOORING_TOKEN_PREFIX: text({ pattern: /^[a-z0-9]{2,16}$/, takes: '2 to 16 lower-case letters and digits' })
    .default('mrg')
    .describe('What tokens begin with. Changing it ends all of them.'),
  MOORING_TOKEN_IDLE_MINUTES: integer({ min: 1, max: 576_000, unit: 'minutes' })
    .default(30)
    .describe('Minutes without use after which a session ends. 1440 with 24 hours of lifetime is a plain token.'),
  MOORING_TOKEN_LIFETIME_HOURS: integer({ min: 1, max: 9600, unit: 'hours' })
    .default(12)
    .describe('Hours after which a session ends, whatever its use.'),
  MOORING_TOKEN_REMEMBER_DAYS: integer({ min: 1, max: 400, unit: 'days' })
    .default(30)
    .describe('Days, without use and in all, of a session that is to be remembered.'),
  MOORING_TOKEN_GRACE_SECONDS: integer({ min: 0, max: 300, unit: 'seconds' })
    .default(10)
    .describe('How long after a refresh the token before still counts.'),
  MOORING_TOKEN_TOUCH_SECONDS: integer({ min: 0, max: 3600, unit: 'seconds' })
    .default(60)
    .describe('A use within this time of the last one noted writes nothing.'),
  MOORING_SESSIONS_MAX_PER_USER: integer({ min: 1, max: 100_000 })
    .optional()
    .describe('The most live sessions of a user. No limit unless set.'),
  MOORING_SESSIONS_ON_LIMIT: choice(['evict-oldest', 'reject'])
    .default('evict-oldest')
    .describe('At the most sessions of a user: end the oldest, or refuse the login.'),
};

/** What a schema with `tokenVariables` gives. */
export type TokenVariables = z.output<z.ZodObject<typeof tokenVariables>>;

export interface TokenFault {
  readonly variable: keyof TokenVariables;
  readonly message: string;
}

/** What one variable asks of another: for the schema's `superRefine`. */
export function tokenFaults(values: TokenVariables): TokenFault[] {
  const faults: TokenFault[] = [];
  const idleMs = values.MOORING_TOKEN_IDLE_MINUTES * MINUTE_MS;
  if (idleMs > values.MOORING_TOKEN_LIFETIME_HOURS * HOUR_MS) {
    faults.push({ variable: 'MOORING_TOKEN_IDLE_MINUTES', message: 'must not be above MOORING_TOKEN_LIFETIME_HOURS' });
  }
  if (values.MOORING_TOKEN_TOUCH_SECONDS * 1000 > idleMs) {
    faults.push({
      variable: 'MOORING_TOKEN_TOUCH_SECONDS',
      message: 'must not be above MOORING_TOKEN_IDLE_MINUTES: a session in use would end',
    });
  }
  return faults;
}

/** What a token looks like, for logs to leave out, also where a client put it into a header that is logged. */
export function tokenForm({ prefix = 'mrg' }: Pick<AuthTokenOptions, 'prefix'>): RegExp {
  return new RegExp(String.raw`\b${prefix}_[\w-]+\.[\w-]+\.[\w-]+`);
}

/** Options of `AuthTokens`. */
export function tokenOptionsOf(values: TokenVariables): AuthTokenOptions {
  const rememberMs = values.MOORING_TOKEN_REMEMBER_DAYS * DAY_MS;
  const maxPerSubject = values.MOORING_SESSIONS_MAX_PER_USER;
  return {
    prefix: values.MOORING_TOKEN_PREFIX,
    lifetime: {
      idleTimeoutMs: values.MOORING_TOKEN_IDLE_MINUTES * MINUTE_MS,
      lifetimeMs: values.MOORING_TOKEN_LIFETIME_HOURS * HOUR_MS,
    },
    rememberMe: { idleTimeoutMs: rememberMs, lifetimeMs: rememberMs },
    touchIntervalMs: values.MOORING_TOKEN_TOUCH_SECONDS * 1000,
    rotationGraceMs: values.MOORING_TOKEN_GRACE_SECONDS * 1000,
    onLimit: values.MOORING_SESSIONS_ON_LIMIT,
    ...(maxPerSubject === undefined ? {} : { maxPerSubject }),
  };
}
