import type {
  AttemptKey,
  AttemptPolicy,
  AttemptState,
  AttemptStore,
  AttemptVerdict,
  EpochMs,
} from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Access, Database } from './database.ts';
import { corrupt } from './errors.ts';
import { query } from './file/connection.ts';

const FIND = query<{
  failures: string;
  locks: number;
  locked_until: EpochMs | null;
}>(`select failures, locks, locked_until from attempts
  where namespace = ? and tenant_id = ? and scope = ? and value = ?`);

const PUT = `insert into attempts (namespace, tenant_id, scope, value, failures, locks, locked_until, keep_until)
  values (?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (namespace, tenant_id, scope, value) do update set
    failures = excluded.failures, locks = excluded.locks, locked_until = excluded.locked_until,
    keep_until = max(keep_until, excluded.keep_until)`;

const CLEAR = `delete from attempts
  where namespace = ? and tenant_id = ? and scope = ? and value = ? and scope in ('account', 'account_ip')`;

type Failure = readonly [at: EpochMs, id: string | null];

interface Counted {
  /** The newest failures, as many as lock the key, oldest first. */
  readonly failures: readonly Failure[];
  /** How often the key was locked in a row. */
  readonly locks: number;
  readonly lockedUntil: EpochMs | null;
}

const NOTHING: Counted = { failures: [], locks: 0, lockedUntil: null };

/** Failed attempts: the failures within the window, and locks that grow longer while failures go on. */
export class SqliteAttempts implements AttemptStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async check(tenantId: string, keys: readonly AttemptKey[]): Promise<AttemptVerdict> {
    const operation = 'attempts.check';
    this.validation.attempts(operation, tenantId, keys);
    return this.database.read(operation, (access) =>
      verdictOf(
        keys.map((key) => stateOf(key, current(operation, access, tenantId, key), access.now)),
        access.now,
      ),
    );
  }

  async recordFailure(
    tenantId: string,
    keys: readonly AttemptKey[],
    options: { readonly id?: string } = {},
  ): Promise<AttemptVerdict> {
    const operation = 'attempts.recordFailure';
    const { id = null } = options;
    this.validation.attempts(operation, tenantId, keys);
    if (id !== null) this.validation.text(operation, 'id', id);
    return this.database.write(operation, (access) => {
      const states = keys.map((key) => {
        const counted = current(operation, access, tenantId, key);
        const after = failed(counted, key.policy, [access.now, id]);
        if (after !== counted) put(access, tenantId, key, after);
        return stateOf(key, after, access.now);
      });
      return verdictOf(states, access.now);
    });
  }

  async recordSuccess(tenantId: string, keys: readonly AttemptKey[]): Promise<void> {
    const operation = 'attempts.recordSuccess';
    this.validation.attempts(operation, tenantId, keys);
    await this.database.write(operation, (access) => {
      for (const { scope, value } of keys) access.run(CLEAR, access.namespace, tenantId, scope, value);
    });
  }
}

/** What still counts of a key. */
function current(operation: string, access: Access, tenantId: string, { scope, value, policy }: AttemptKey): Counted {
  const row = access.one(FIND, access.namespace, tenantId, scope, value);
  if (row === undefined) return NOTHING;
  const all = failuresIn(operation, row.failures);
  const failures = all.filter(([at]) => access.now - at < policy.windowMs);
  const quietSince = Math.max(all.at(-1)?.[0] ?? 0, row.locked_until ?? 0);
  const startsOver = row.locks > 0 && access.now - quietSince >= policy.resetAfterMs;
  return { failures, locks: startsOver ? 0 : row.locks, lockedUntil: startsOver ? null : row.locked_until };
}

/** A failure while the key is locked is not counted: it was refused, nobody looked at the password. */
function failed(counted: Counted, { limit, lockStepsMs }: AttemptPolicy, failure: Failure): Counted {
  const [at, id] = failure;
  if (isLocked(counted, at)) return counted;
  if (id !== null && counted.failures.some((one) => one[1] === id)) return counted;
  const failures = [...counted.failures, failure].slice(-limit);
  if (failures.length < limit) return { ...counted, failures };
  const step = lockStepsMs[Math.min(counted.locks, lockStepsMs.length - 1)] ?? 0;
  return { failures, locks: counted.locks + 1, lockedUntil: at + step };
}

function put(access: Access, tenantId: string, { scope, value, policy }: AttemptKey, counted: Counted): void {
  const quietSince = Math.max(access.now, counted.lockedUntil ?? 0);
  access.run(
    PUT,
    access.namespace,
    tenantId,
    scope,
    value,
    JSON.stringify(counted.failures),
    counted.locks,
    counted.lockedUntil,
    Math.max(access.now + policy.windowMs, counted.locks > 0 ? quietSince + policy.resetAfterMs : 0),
  );
}

function failuresIn(operation: string, json: string): readonly Failure[] {
  try {
    return JSON.parse(json) as readonly Failure[];
  } catch {
    throw corrupt(operation, 'the failures of a key are not JSON');
  }
}

function isLocked({ lockedUntil }: Counted, now: EpochMs): boolean {
  return lockedUntil !== null && lockedUntil > now;
}

function stateOf({ scope }: AttemptKey, counted: Counted, now: EpochMs): AttemptState {
  return { scope, failures: counted.failures.length, lockedUntil: isLocked(counted, now) ? counted.lockedUntil : null };
}

function verdictOf(states: readonly AttemptState[], now: EpochMs): AttemptVerdict {
  const retryAfterMs = Math.max(0, ...states.map(({ lockedUntil }) => (lockedUntil ?? now) - now));
  return { allowed: retryAfterMs === 0, retryAfterMs, states };
}
