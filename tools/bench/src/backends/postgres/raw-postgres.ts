import type { Pool } from 'pg';
import type { Contender, Operations } from '../../stores/contender.ts';
import { BUDGET_SCOPES, LEASE_TTL_MS, RESERVATION } from '../../stores/store-contender.ts';
import { IDLE_TIMEOUT_MS } from '../../stores/visitors.ts';
import { JSON_DATA, runnerOn, sessionStatements, type Run } from './raw-sessions.ts';

function usageStatements(
  run: Run,
): Pick<Operations, 'consume' | 'peek' | 'check' | 'recordFailure' | 'reserve' | 'settle'> {
  const keysOf = (account: string): unknown[] => [[`ip ${account}`, `account ${account}`, `both ${account}`]];
  let reservations = 0;
  return {
    consume: (name) =>
      run(
        'raw_consume',
        `insert into raw_counters as c (key, n) values ($1, 1) on conflict (key) do update set n = c.n + 1 returning n`,
        [name],
        1,
      ),
    peek: (name) => run('raw_peek', 'select n from raw_counters where key = $1', [name], 1),
    check: (account) =>
      run('raw_check', 'select key, n from raw_counters where key = any ($1::text[])', keysOf(account), 3),
    recordFailure: (account) =>
      run(
        'raw_fail',
        `insert into raw_counters as c (key, n) select unnest($1::text[]), 1
          on conflict (key) do update set n = c.n + 1 returning n`,
        keysOf(account),
        3,
      ),
    reserve: (id) => {
      reservations += 1;
      return run(
        'raw_reserve',
        `with held as (
            update raw_budgets set reserved = reserved + $2 where name = $1 and settled + reserved + $2 <= most
            returning name, settled, reserved
          ), kept as (
            insert into raw_reservations (id, name, amount, expires_at) select $3, name, $2, $4 from held
          )
          select settled, reserved from held`,
        [`scope-${reservations % BUDGET_SCOPES}`, RESERVATION.amount, id, Date.now() + RESERVATION.ttlMs],
        1,
      );
    },
    settle: (id) =>
      run(
        'raw_settle',
        `with done as (delete from raw_reservations where id = $1 returning name, amount)
          update raw_budgets b set reserved = b.reserved - done.amount, settled = b.settled + $2
          from done where b.name = done.name returning b.settled, b.reserved`,
        [id, RESERVATION.actual],
        1,
      ),
  };
}

function leaseStatements(run: Run): Pick<Operations, 'leaseAcquire' | 'leaseRenew' | 'poolAcquire' | 'poolRenew'> {
  return {
    leaseAcquire: (name) =>
      run(
        'raw_lease',
        `insert into raw_leases as l (name, holder, token, expires_at) values ($1, 'bench', 1, $3)
          on conflict (name) do update set holder = excluded.holder, token = l.token + 1, expires_at = excluded.expires_at
          where l.expires_at <= $2 returning token`,
        [name, Date.now(), Date.now() + LEASE_TTL_MS],
        1,
      ),
    leaseRenew: (name) =>
      run(
        'raw_renew',
        `update raw_leases set expires_at = $3 where name = $1 and holder = 'bench' and token = 1 and expires_at > $2
          returning token`,
        [name, Date.now(), Date.now() + LEASE_TTL_MS],
        1,
      ),
    poolAcquire: ({ target, leaseId }) =>
      run(
        'raw_pool_acquire',
        `update raw_pool set lease_id = $2, lease_expires_at = $4 where target = $1 and slot = (
            select slot from raw_pool where target = $1 and lease_expires_at <= $3 limit 1 for update skip locked
          ) returning slot, session_id`,
        [target, leaseId, Date.now(), Date.now() + LEASE_TTL_MS],
        1,
      ),
    poolRenew: ({ target, leaseId }) =>
      run(
        'raw_pool_renew',
        `update raw_pool set lease_expires_at = $4 where target = $1 and lease_id = $2 and lease_expires_at > $3
          returning slot`,
        [target, leaseId, Date.now(), Date.now() + LEASE_TTL_MS],
        1,
      ),
  };
}

/** The floor: one statement on one row of the same width. */
export function rawPostgres(pool: Pool): Contender {
  const run = runnerOn(pool);
  return {
    name: 'raw pg',
    how: {
      get: 'SELECT by primary key',
      verify: 'SELECT by primary key',
      touch: 'UPDATE on a condition, RETURNING',
      create: 'INSERT ON CONFLICT DO NOTHING RETURNING',
      update: 'UPDATE at a version, RETURNING',
      rotate: 'UPDATE at a verifier, RETURNING',
      revoke: 'UPDATE RETURNING',
      revokeWhere: 'UPDATE by subject, RETURNING',
      list: 'SELECT by subject',
      consume: 'n = n + 1, an upsert RETURNING',
      peek: 'SELECT of a counter',
      check: 'SELECT of three counters',
      recordFailure: 'upsert of three counters',
      reserve: 'UPDATE under a cap and INSERT',
      settle: 'DELETE and UPDATE',
      leaseAcquire: 'upsert of what is over',
      leaseRenew: 'UPDATE RETURNING',
      poolAcquire: 'UPDATE of a free row, SKIP LOCKED',
      poolRenew: 'UPDATE RETURNING',
    },
    operations: { ...sessionStatements(run), ...usageStatements(run), ...leaseStatements(run) },
    fillPool: async (target, sessions) => {
      await pool.query(
        `insert into raw_pool select $1, 'slot-' || n, 'session-' || n, null, 0 from generate_series(1, $2::int) n`,
        [target, sessions],
      );
    },
  };
}

/** The least that a session can be: a key, JSON and a deadline in a table without other indexes, as peers have it. */
export function plainTable(pool: Pool): Contender {
  const run = runnerOn(pool);
  return {
    name: 'raw pg, plain table',
    how: { get: 'SELECT', touch: 'UPDATE RETURNING', create: 'INSERT' },
    operations: {
      get: ({ id }) => run('plain_get', 'select value, expires_at from raw_plain where id = $1', [id], 1),
      touch: ({ id }) =>
        run(
          'plain_touch',
          'update raw_plain set expires_at = $2 where id = $1 and expires_at > $3 returning value, expires_at',
          [id, Date.now() + IDLE_TIMEOUT_MS, Date.now()],
          1,
        ),
      create: ({ id }) =>
        run(
          'plain_create',
          'insert into raw_plain values ($1, $2, $3) on conflict (id) do nothing returning id',
          [id, JSON_DATA, Date.now() + IDLE_TIMEOUT_MS],
          1,
        ),
    },
  };
}
