import type { AttemptKey, AttemptState, AttemptStore, AttemptVerdict, EpochMs } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import { ATTEMPTS, current, failed, stateOf } from './attempt-state.ts';
import type { AttemptRecord } from './attempt-state.ts';
import { Documents } from './documents/documents.ts';
import type { ItemKey, Keys } from './keys.ts';
import type { DynamoTable } from './table/dynamo-table.ts';

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
    this.validation.attempts(operation, tenantId, keys);
    const items = this.itemsOf(tenantId, keys);
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
    this.validation.attempts(operation, tenantId, keys);
    const items = this.itemsOf(tenantId, keys);
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
    this.validation.attempts(operation, tenantId, keys);
    const items = this.itemsOf(tenantId, keys);
    const cleared = items.filter((_, place) => keys[place]?.scope !== 'ip');
    const different = [...new Map(cleared.map((item) => [item.pk, item])).values()];
    if (different.length === 0) this.table.requireOpen(operation);
    else await this.table.writeAll(operation, [], different);
    for (const { pk } of different) this.records.forget(pk);
  }

  private itemsOf(tenantId: string, keys: readonly AttemptKey[]): ItemKey[] {
    return keys.map(({ scope, value }) => this.keys.attempt(tenantId, scope, value));
  }
}

function verdictOf(states: readonly AttemptState[], now: EpochMs): AttemptVerdict {
  const retryAfterMs = Math.max(0, ...states.map(({ lockedUntil }) => (lockedUntil ?? now) - now));
  return { allowed: retryAfterMs === 0, retryAfterMs, states };
}
