import type { AttemptKey, AttemptState, AttemptStore, AttemptVerdict, EpochMs } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import { ATTEMPTS, current, failed, stateOf } from './attempt-state.ts';
import type { AttemptRecord } from './attempt-state.ts';
import { Documents } from './documents/documents.ts';
import type { ItemKey, Keys } from './keys.ts';
import type { DynamoTable } from './table/dynamo-table.ts';

/** The times of failures are one item, rewritten with each failure. */
const MOST_FAILURES = 10_000;
const MOST_KEYS = 16;

/** Failed attempts: an item for each key. Each key counts for itself, so that no key waits for another. */
export class DynamoAttempts implements AttemptStore {
  private readonly records: Documents<AttemptRecord>;

  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
    private readonly validation: Validation,
  ) {
    this.records = new Documents(table, ATTEMPTS);
  }

  async check(tenantId: string, keys: readonly AttemptKey[]): Promise<AttemptVerdict> {
    const operation = 'attempts.check';
    const items = this.validate(operation, tenantId, keys);
    const records = await this.records.readAll(operation, items);
    const now = this.table.now();
    const states = keys.map(({ scope, policy }, place) => {
      const record = records.get(items[place]?.pk ?? '') ?? ATTEMPTS.empty;
      return stateOf(scope, current(record, policy, now), now);
    });
    return verdictOf(states, now);
  }

  async recordFailure(
    tenantId: string,
    keys: readonly AttemptKey[],
    options: { readonly id?: string } = {},
  ): Promise<AttemptVerdict> {
    const operation = 'attempts.recordFailure';
    const items = this.validate(operation, tenantId, keys);
    const { id = null } = options;
    if (id !== null) this.validation.text(operation, 'id', id);
    const recorded = await Promise.all(
      keys.map(({ scope, policy }, place) =>
        this.records.change(operation, items[place] as ItemKey, (record, now) => {
          const before = current(record, policy, now);
          const after = failed(before, policy, { at: now, id });
          return {
            answer: { state: stateOf(scope, after ?? before, now), now },
            ...(after === undefined ? {} : { next: after }),
          };
        }),
      ),
    );
    return verdictOf(
      recorded.map(({ state }) => state),
      Math.max(...recorded.map(({ now }) => now)),
    );
  }

  async recordSuccess(tenantId: string, keys: readonly AttemptKey[]): Promise<void> {
    const operation = 'attempts.recordSuccess';
    const items = this.validate(operation, tenantId, keys);
    const cleared = items.filter((_, place) => keys[place]?.scope !== 'ip');
    const different = [...new Map(cleared.map((item) => [item.pk, item])).values()];
    if (different.length === 0) this.table.requireOpen(operation);
    else await this.table.writeAll(operation, [], different);
    for (const { pk } of different) this.records.forget(pk);
  }

  private validate(operation: string, tenantId: string, keys: readonly AttemptKey[]): ItemKey[] {
    this.validation.text(operation, 'tenantId', tenantId);
    if (!Array.isArray(keys)) throw this.validation.invalid(operation, 'keys must be a list');
    this.validation.integer(operation, 'keys.length', keys.length, 1, MOST_KEYS);
    return keys.map(({ scope, value, policy }: AttemptKey) => {
      if (!['ip', 'account', 'account_ip'].includes(scope)) {
        throw this.validation.invalid(operation, 'scope must be ip, account or account_ip');
      }
      this.validation.text(operation, 'value', value);
      this.validation.integer(operation, 'policy.limit', policy.limit, 1, MOST_FAILURES);
      this.validation.duration(operation, 'policy.windowMs', policy.windowMs);
      this.validation.duration(operation, 'policy.resetAfterMs', policy.resetAfterMs);
      this.validation.integer(operation, 'policy.lockStepsMs.length', policy.lockStepsMs.length, 1, 100);
      for (const step of policy.lockStepsMs) this.validation.duration(operation, 'policy.lockStepsMs', step);
      return this.keys.attempt(tenantId, scope, value);
    });
  }
}

function verdictOf(states: readonly AttemptState[], now: EpochMs): AttemptVerdict {
  const retryAfterMs = Math.max(0, ...states.map(({ lockedUntil }) => (lockedUntil ?? now) - now));
  return { allowed: retryAfterMs === 0, retryAfterMs, states };
}
