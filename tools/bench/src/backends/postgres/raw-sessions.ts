import type { Pool } from 'pg';
import type { Operations, Visitor } from '../../stores/contender.ts';
import { DATA, IDLE_TIMEOUT_MS, LIFETIME_MS, nextDigest } from '../../stores/visitors.ts';

const COLUMNS =
  'subject_id, data, version, created_at, authenticated_at, last_seen_at, idle_timeout_ms, idle_expires_at, absolute_expires_at, verifier, rotated_at';
const THIS = 'namespace = $1 and tenant_id = $2 and id = $3';
export const JSON_DATA = JSON.stringify(DATA);

/** Values as the server sends them: decoding is not the floor's work. */
const UNDECODED = { getTypeParser: () => (value: string) => value };

export type Run = (name: string, text: string, values: unknown[], rows: number) => Promise<unknown>;

/** Named prepared statements on a pool. A call that finds other than so many rows is not the one that was meant. */
export function runnerOn(pool: Pool): Run {
  return async (name, text, values, rows) => {
    const result = await pool.query({ name, text, values, types: UNDECODED });
    if (result.rows.length !== rows) throw new Error(`${name} found ${result.rows.length} rows, not ${rows}`);
    return result;
  };
}

type SessionOperation = 'get' | 'verify' | 'touch' | 'create' | 'update' | 'rotate' | 'revoke' | 'revokeWhere' | 'list';

const hour = (ms: number): number => Math.floor(ms / 3_600_000);

export function sessionStatements(run: Run): Pick<Operations, SessionOperation> {
  const key = ({ tenantId, id }: Visitor): unknown[] => ['bench', tenantId, id];
  const get = (visitor: Visitor): Promise<unknown> =>
    run('raw_get', `select ${COLUMNS} from raw_sessions where ${THIS}`, key(visitor), 1);
  return {
    get,
    verify: get,
    touch: (visitor) => {
      const now = Date.now();
      return run(
        'raw_touch',
        `update raw_sessions set last_seen_at = $4, idle_expires_at = $5, sweep_hour = $6
          where ${THIS} and verifier = $7 and idle_expires_at > $4 and revoked_at is null returning ${COLUMNS}`,
        [...key(visitor), now, now + IDLE_TIMEOUT_MS, hour(now + IDLE_TIMEOUT_MS), visitor.verifier],
        1,
      );
    },
    create: (visitor) => {
      const now = Date.now();
      return run(
        'raw_create',
        `insert into raw_sessions (namespace, tenant_id, id, subject_id, data, version, created_at, authenticated_at,
            last_seen_at, idle_timeout_ms, lifetime_ms, idle_expires_at, absolute_expires_at, sweep_hour, verifier)
          values ($1, $2, $3, $4, $5, 1, $6, $6, $6, $7, $8, $9, $10, $11, $12)
          on conflict (namespace, tenant_id, id) do nothing returning created_at`,
        [
          ...key(visitor),
          visitor.subjectId,
          JSON_DATA,
          now,
          IDLE_TIMEOUT_MS,
          LIFETIME_MS,
          now + IDLE_TIMEOUT_MS,
          now + LIFETIME_MS,
          hour(now + IDLE_TIMEOUT_MS),
          visitor.verifier,
        ],
        1,
      );
    },
    update: async (visitor) => {
      await run(
        'raw_update',
        `update raw_sessions set data = $4, version = version + 1
          where ${THIS} and version = $5 and idle_expires_at > $6 and revoked_at is null returning ${COLUMNS}`,
        [...key(visitor), JSON_DATA, visitor.version, Date.now()],
        1,
      );
      visitor.version += 1;
    },
    rotate: async (visitor) => {
      const next = nextDigest();
      await run(
        'raw_rotate',
        `update raw_sessions set verifier = $4, previous_verifier = verifier, rotated_at = $5, version = version + 1
          where ${THIS} and verifier = $6 and idle_expires_at > $5 and revoked_at is null returning ${COLUMNS}`,
        [...key(visitor), next, Date.now(), visitor.verifier],
        1,
      );
      visitor.verifier = next;
      visitor.version += 1;
    },
    revoke: (visitor) =>
      run(
        'raw_revoke',
        `update raw_sessions set revoked_at = $4, sweep_hour = absolute_expires_at / 3600000
          where ${THIS} and revoked_at is null returning revoked_at`,
        [...key(visitor), Date.now()],
        1,
      ),
    revokeWhere: ({ tenantId, subjectId, visitors }) =>
      run(
        'raw_revoke_where',
        `update raw_sessions set revoked_at = $4, sweep_hour = absolute_expires_at / 3600000
          where namespace = $1 and tenant_id = $2 and subject_id = $3 and revoked_at is null returning id`,
        ['bench', tenantId, subjectId, Date.now()],
        visitors.length,
      ),
    list: ({ tenantId, subjectId, visitors }) =>
      run(
        'raw_list',
        `select id, ${COLUMNS} from raw_sessions
          where namespace = $1 and tenant_id = $2 and subject_id = $3 and idle_expires_at > $4 and revoked_at is null
          order by created_at desc, id desc limit 11`,
        ['bench', tenantId, subjectId, Date.now()],
        visitors.length,
      ),
  };
}
