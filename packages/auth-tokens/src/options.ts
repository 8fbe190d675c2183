import { AuthTokenError } from './errors.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long a token lives, in milliseconds. */
export interface TokenLifetime {
  /** Without use. */
  readonly idleTimeoutMs: number;
  /** Whatever its use. */
  readonly lifetimeMs: number;
}

/** A token that lives for 24 hours, used or not. */
export const PLAIN_LIFETIME: TokenLifetime = { idleTimeoutMs: DAY_MS, lifetimeMs: DAY_MS };

export interface AuthTokenOptions {
  /** 2 to 16 lower-case letters and digits. Default `mrg`. Changing it ends all tokens. */
  readonly prefix?: string;
  /** Default 30 minutes idle, 12 hours in all (NIST SP 800-63B-4 section 2.2.3, ASVS 7.3). */
  readonly lifetime?: TokenLifetime;
  /** Of logins that ask to be remembered. Default 30 days, idle and in all. */
  readonly rememberMe?: TokenLifetime;
  /** A use within this time of the last one noted writes nothing, 0 to the idle timeout. Default 60,000. */
  readonly touchIntervalMs?: number;
  /** How long after a rotation the token before still counts, 0 to 300,000. Default 10,000. */
  readonly rotationGraceMs?: number;
  /** The most live sessions of a subject, 1 to 100,000. Default: no limit. */
  readonly maxPerSubject?: number;
  /** At the maximum: refuse, or end the oldest session. Default `evict-oldest`. */
  readonly onLimit?: 'reject' | 'evict-oldest';
}

export const DEFAULTS = {
  prefix: 'mrg',
  lifetime: { idleTimeoutMs: 30 * MINUTE_MS, lifetimeMs: 12 * HOUR_MS } as TokenLifetime,
  rememberMe: { idleTimeoutMs: 30 * DAY_MS, lifetimeMs: 30 * DAY_MS } as TokenLifetime,
  touchIntervalMs: MINUTE_MS,
  rotationGraceMs: 10_000,
  onLimit: 'evict-oldest' as 'reject' | 'evict-oldest',
};

export type AuthTokenSettings = typeof DEFAULTS & Pick<AuthTokenOptions, 'maxPerSubject'>;

/** The longest that a browser keeps a cookie, and a store a session: 400 days. */
const LONGEST_MS = 400 * DAY_MS;

/** @throws AuthTokenError */
export function settingsOf(options: AuthTokenOptions): AuthTokenSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = { ...DEFAULTS, ...given } as AuthTokenSettings;
  if (!/^[a-z0-9]{2,16}$/.test(settings.prefix)) {
    throw new AuthTokenError('prefix must be 2 to 16 lower-case letters and digits');
  }
  for (const name of ['lifetime', 'rememberMe'] as const) {
    const { idleTimeoutMs, lifetimeMs } = settings[name];
    wholeNumber(`${name}.idleTimeoutMs`, idleTimeoutMs, 1, LONGEST_MS);
    wholeNumber(`${name}.lifetimeMs`, lifetimeMs, 1, LONGEST_MS);
    if (idleTimeoutMs > lifetimeMs) throw new AuthTokenError(`${name}.idleTimeoutMs must not be above its lifetimeMs`);
    if (settings.touchIntervalMs > idleTimeoutMs) {
      throw new AuthTokenError(`touchIntervalMs must not be above ${name}.idleTimeoutMs: a session in use would end`);
    }
  }
  wholeNumber('touchIntervalMs', settings.touchIntervalMs, 0, LONGEST_MS);
  wholeNumber('rotationGraceMs', settings.rotationGraceMs, 0, 5 * MINUTE_MS);
  if (settings.maxPerSubject !== undefined) wholeNumber('maxPerSubject', settings.maxPerSubject, 1, 100_000);
  if (settings.onLimit !== 'reject' && settings.onLimit !== 'evict-oldest') {
    throw new AuthTokenError('onLimit must be reject or evict-oldest');
  }
  return settings;
}

export function wholeNumber(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new AuthTokenError(`${name} must be a whole number from ${least} to ${most}`);
  }
}
