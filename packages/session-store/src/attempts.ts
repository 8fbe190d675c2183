import type { EpochMs } from './clock.ts';

export type AttemptScope = 'ip' | 'account' | 'account_ip';

export interface AttemptPolicy {
  /** Failures within `windowMs` after which the key is locked. */
  readonly limit: number;
  readonly windowMs: number;
  /** How long the first, second, … lock lasts; the last entry repeats. A success or a quiet `resetAfterMs` starts over. */
  readonly lockStepsMs: readonly number[];
  readonly resetAfterMs: number;
}

export interface AttemptKey {
  readonly scope: AttemptScope;
  readonly value: string;
  readonly policy: AttemptPolicy;
}

export interface AttemptState {
  readonly scope: AttemptScope;
  readonly failures: number;
  readonly lockedUntil: EpochMs | null;
}

export interface AttemptVerdict {
  readonly allowed: boolean;
  /** The longest wait over the locked keys; 0 when allowed. */
  readonly retryAfterMs: number;
  /** One for each key asked for, in its order. */
  readonly states: readonly AttemptState[];
}

/** Failed attempts, counted by ip, by account and by both, in one round trip for all keys. */
export interface AttemptStore {
  check(tenantId: string, keys: readonly AttemptKey[]): Promise<AttemptVerdict>;
  /** A retry with the same `id` counts once. */
  recordFailure(
    tenantId: string,
    keys: readonly AttemptKey[],
    options?: { readonly id?: string },
  ): Promise<AttemptVerdict>;
  /** Clears the counters of `account` and `account_ip`; a counter of `ip` stays, so one success can't wash an attack. */
  recordSuccess(tenantId: string, keys: readonly AttemptKey[]): Promise<void>;
}

export const AttemptStore = Symbol('AttemptStore');
