import { createHash, randomUUID } from 'node:crypto';
import { systemClock } from '@mooring/session-store';
import type {
  AttemptKey,
  AttemptState,
  AttemptStore,
  Clock,
  EpochMs,
  LimitDecision,
  RateLimitStore,
} from '@mooring/session-store';
import { addressKey } from './client-address.ts';
import type { AuthEventListener } from './events.ts';
import { guardSettingsOf } from './login-policy.ts';
import type { LoginGuardOptions, LoginGuardSettings } from './login-policy.ts';

export interface LoginAttempt {
  readonly tenantId: string;
  /** As typed; whether there is such an account makes no difference. */
  readonly account: string;
  /** The client's, past trusted proxies only. */
  readonly address: string | undefined;
  /** The client proved to be one that has logged in before: a lock of the account everywhere does not keep it out. */
  readonly knownDevice?: boolean;
}

/**
 * `address_locked` and `too_many_at_once` may be said, with 429 and Retry-After: they tell nothing of the account.
 * `account_locked` must look like a wrong password, in its time too: check one in vain.
 */
export type LoginDenial = 'address_locked' | 'account_locked' | 'too_many_at_once';

export type Admission =
  /** Wait `delayMs`, then look at the password, and say how it was by `failed` or `succeeded`. */
  | { readonly admitted: true; readonly delayMs: number }
  | { readonly admitted: false; readonly reason: LoginDenial; readonly retryAfterMs: number };

export interface LoginGuardParts {
  readonly attempts: AttemptStore;
  readonly limits: RateLimitStore;
  readonly options?: LoginGuardOptions;
  readonly onEvent?: AuthEventListener;
  /** Dates the events. Locks are the store's. */
  readonly clock?: Pick<Clock, 'now'>;
}

/**
 * Against guessing passwords: failures are counted by address, by account, and by both together, each with locks that grow.
 * How many attempts may start at once is limited too, so that a burst guesses no more often than a sequence.
 */
export class LoginGuard {
  private readonly settings: LoginGuardSettings;

  /** @throws AuthTokenError */
  constructor(private readonly parts: LoginGuardParts) {
    this.settings = guardSettingsOf(parts.options ?? {});
  }

  /** Asks before a password is looked at. Three requests of the store, all at once. */
  async admit(attempt: LoginAttempt): Promise<Admission> {
    const keys = this.keysOf(attempt);
    const [{ states, retryAfterMs }, ...starts] = await Promise.all([
      this.parts.attempts.check(attempt.tenantId, keys),
      ...this.startsOf(attempt).map(({ key, rule }) => this.parts.limits.consume(key, rule)),
    ]);
    const locked = states.filter(({ lockedUntil }) => lockedUntil !== null);
    if (locked.length > 0) {
      const reason = locked.some(({ scope }) => scope === 'ip') ? 'address_locked' : 'account_locked';
      this.report(attempt, 'login_locked', lockedUntil(states));
      return { admitted: false, reason, retryAfterMs };
    }
    const refused = starts.filter(({ allowed }) => !allowed);
    if (refused.length > 0) return { admitted: false, reason: 'too_many_at_once', retryAfterMs: longestWait(refused) };
    const failures = states.find(({ scope }) => scope === 'account_ip')?.failures ?? 0;
    return { admitted: true, delayMs: this.delayAfter(failures) };
  }

  /** The password was wrong, or there is no such account. One request of the store. */
  async failed(attempt: LoginAttempt): Promise<void> {
    const id = randomUUID();
    const { states } = await this.parts.attempts.recordFailure(attempt.tenantId, this.keysOf(attempt), { id });
    const until = lockedUntil(states);
    this.report(attempt, 'login_failed', until);
    if (until !== null) this.report(attempt, 'login_locked', until);
  }

  /** The password was right: the account starts afresh, its address does not. Three requests of the store, at once. */
  async succeeded(attempt: LoginAttempt): Promise<void> {
    await this.clear(attempt);
    this.report(attempt, 'login_succeeded', null);
  }

  /** Lets an account in again from this address and from everywhere: for who resets a password. */
  async unlock(attempt: LoginAttempt): Promise<void> {
    await this.clear(attempt);
  }

  private async clear(attempt: LoginAttempt): Promise<void> {
    const everywhere = { ...attempt, knownDevice: false };
    await Promise.all([
      this.parts.attempts.recordSuccess(attempt.tenantId, this.keysOf(everywhere)),
      ...this.startsOf(everywhere).map(({ key, rule }) => this.parts.limits.reset(key, rule)),
    ]);
  }

  private keysOf({ account, address, knownDevice = false }: LoginAttempt): AttemptKey[] {
    const { settings } = this;
    const name = accountKey(account);
    const place = addressKey(address);
    return [
      { scope: 'ip', value: hashed(place), policy: settings.address },
      ...(knownDevice ? [] : [{ scope: 'account' as const, value: hashed(name), policy: settings.account }]),
      { scope: 'account_ip', value: hashed(name, place), policy: settings.accountAddress },
    ];
  }

  /** What limits how many attempts start: no more than may fail, in a stretch that outlasts checking a password. */
  private startsOf({ tenantId, account, address, knownDevice = false }: LoginAttempt) {
    const { accountAddress, account: everywhere, burstWindowMs: windowMs } = this.settings;
    const name = accountKey(account);
    return [
      { values: [name, addressKey(address)], limit: accountAddress.limit },
      ...(knownDevice ? [] : [{ values: [name], limit: everywhere.limit }]),
    ].map(({ values, limit }) => ({
      key: { tenantId, name: `login:${hashed(...values)}` },
      rule: { limit, windowMs },
    }));
  }

  private delayAfter(failures: number): number {
    const { delayFrom, delayMs, maxDelayMs } = this.settings;
    return failures < delayFrom ? 0 : Math.min(delayMs * 2 ** Math.min(failures - delayFrom, 20), maxDelayMs);
  }

  private report(
    { tenantId, account, address }: LoginAttempt,
    type: 'login_succeeded' | 'login_failed' | 'login_locked',
    until: EpochMs | null,
  ): void {
    const at = (this.parts.clock ?? systemClock).now();
    this.parts.onEvent?.({
      type,
      at,
      tenantId,
      account: accountLabel(account),
      address: addressKey(address),
      lockedUntil: until,
    });
  }
}

/** However it is typed, one account. */
function accountKey(account: string): string {
  return account.normalize('NFKC').trim().toLowerCase();
}

/** For an audit log; people also type passwords into this field, so it is a hash. */
function accountLabel(account: string): string {
  return hashed(accountKey(account)).slice(0, 12);
}

/** The store keeps no names and no addresses of people. */
function hashed(...values: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url');
}

function lockedUntil(states: readonly AttemptState[]): EpochMs | null {
  return states.reduce<EpochMs | null>(
    (latest, state) => (state.lockedUntil === null ? latest : Math.max(latest ?? 0, state.lockedUntil)),
    null,
  );
}

function longestWait(decisions: readonly LimitDecision[]): number {
  return Math.max(...decisions.map(({ retryAfterMs }) => retryAfterMs));
}
