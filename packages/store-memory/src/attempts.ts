import type {
  AttemptKey,
  AttemptPolicy,
  AttemptState,
  AttemptStore,
  AttemptVerdict,
  EpochMs,
} from '@mooring/session-store';
import { keyOf } from './key.ts';
import type { MemorySpace } from './memory-space.ts';
import type { Table } from './table.ts';

interface Failure {
  readonly at: EpochMs;
  readonly id: string | null;
}

interface AttemptRow {
  /** The newest failures, as many as lock the key, oldest first. */
  readonly failures: readonly Failure[];
  /** How often the key was locked in a row. */
  readonly locks: number;
  readonly lockedUntil: EpochMs | null;
  readonly windowMs: number;
  readonly resetAfterMs: number;
}

const NOTHING: AttemptRow = { failures: [], locks: 0, lockedUntil: null, windowMs: 0, resetAfterMs: 0 };

export class MemoryAttempts implements AttemptStore {
  readonly rows: Table<AttemptRow>;

  constructor(private readonly space: MemorySpace) {
    this.rows = space.table<AttemptRow>({
      deadline: (row) =>
        Math.max(lastFailure(row) + row.windowMs, row.locks > 0 ? quietSince(row) + row.resetAfterMs : 0),
      characters: ({ failures }) => failures.reduce((sum, { id }) => sum + 16 + (id?.length ?? 0), 0),
    });
  }

  async check(tenantId: string, keys: readonly AttemptKey[]): Promise<AttemptVerdict> {
    const operation = 'attempts.check';
    const now = this.space.enter(operation);
    this.space.validation.attempts(operation, tenantId, keys);
    const names = namesOf(tenantId, keys);
    return verdictOf(
      keys.map(({ scope, policy }, index) => stateOf(scope, this.current(names[index] ?? '', policy, now), now)),
      now,
    );
  }

  async recordFailure(
    tenantId: string,
    keys: readonly AttemptKey[],
    options: { readonly id?: string } = {},
  ): Promise<AttemptVerdict> {
    const operation = 'attempts.recordFailure';
    const now = this.space.enter(operation);
    this.space.validation.attempts(operation, tenantId, keys);
    const names = namesOf(tenantId, keys);
    const { id = null } = options;
    if (id !== null) this.space.validation.text(operation, 'id', id);
    const states = keys.map(({ scope, policy }, index) => {
      const name = names[index] ?? '';
      const row = failed(this.current(name, policy, now), policy, { at: now, id });
      this.rows.grow(operation, name, row);
      return stateOf(scope, row, now);
    });
    return verdictOf(states, now);
  }

  async recordSuccess(tenantId: string, keys: readonly AttemptKey[]): Promise<void> {
    const operation = 'attempts.recordSuccess';
    this.space.enter(operation);
    this.space.validation.attempts(operation, tenantId, keys);
    const names = namesOf(tenantId, keys);
    for (const [index, { scope }] of keys.entries()) if (scope !== 'ip') this.rows.delete(names[index] ?? '');
  }

  /** What still counts of a key. */
  private current(name: string, { windowMs, resetAfterMs }: AttemptPolicy, now: EpochMs): AttemptRow {
    const row = this.rows.get(name);
    if (row === undefined) return NOTHING;
    const failures = row.failures.filter(({ at }) => now - at < windowMs);
    const startsOver = row.locks > 0 && now - quietSince(row) >= resetAfterMs;
    return startsOver ? { ...NOTHING, failures } : { ...row, failures };
  }
}

function namesOf(tenantId: string, keys: readonly AttemptKey[]): string[] {
  return keys.map(({ scope, value }) => keyOf(tenantId, scope, value));
}

/** A failure while the key is locked is not counted: it was refused, nobody looked at the password. */
function failed(row: AttemptRow, policy: AttemptPolicy, failure: Failure): AttemptRow {
  const { limit, lockStepsMs, windowMs, resetAfterMs } = policy;
  if (isLocked(row, failure.at)) return row;
  if (failure.id !== null && row.failures.some(({ id }) => id === failure.id)) return row;
  const failures = [...row.failures, failure].slice(-limit);
  if (failures.length < limit) return { ...row, failures, windowMs, resetAfterMs };
  const step = lockStepsMs[Math.min(row.locks, lockStepsMs.length - 1)] ?? 0;
  return { failures, locks: row.locks + 1, lockedUntil: failure.at + step, windowMs, resetAfterMs };
}

function isLocked({ lockedUntil }: AttemptRow, now: EpochMs): boolean {
  return lockedUntil !== null && lockedUntil > now;
}

function lastFailure({ failures }: AttemptRow): EpochMs {
  return failures.at(-1)?.at ?? 0;
}

function quietSince(row: AttemptRow): EpochMs {
  return Math.max(lastFailure(row), row.lockedUntil ?? 0);
}

function stateOf(scope: AttemptState['scope'], row: AttemptRow, now: EpochMs): AttemptState {
  return { scope, failures: row.failures.length, lockedUntil: isLocked(row, now) ? row.lockedUntil : null };
}

function verdictOf(states: readonly AttemptState[], now: EpochMs): AttemptVerdict {
  const retryAfterMs = Math.max(0, ...states.map(({ lockedUntil }) => (lockedUntil ?? now) - now));
  return { allowed: retryAfterMs === 0, retryAfterMs, states };
}
