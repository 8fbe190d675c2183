import { ok, refused } from '@mooring/session-store';
import type { Lease, LeaseStore, Result } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Database, Statement } from './database.ts';
import { CLOCK } from './server-time.ts';

/** $3 name, $4 holder, $5 ttl. The token comes from a sequence: it grows also past a swept lease. */
const ACQUIRE: Statement = {
  name: 'mooring_lease_acquire_1',
  text: `insert into mooring_leases as t (namespace, name, holder, fencing_token, expires_at)
    select $1, $3, $4, nextval('mooring_fencing_tokens'), clock.ms + $5::bigint from ${CLOCK} clock
    on conflict (namespace, name) do update set
      fencing_token = case
        when t.holder = excluded.holder and t.expires_at > excluded.expires_at - $5::bigint then t.fencing_token
        else nextval('mooring_fencing_tokens')
      end,
      holder = excluded.holder,
      expires_at = excluded.expires_at
    where t.holder = excluded.holder or t.expires_at <= excluded.expires_at - $5::bigint
    returning t.fencing_token, t.expires_at`,
};

/** $3 name, $4 holder, $5 fencing token. */
const HELD = `t.namespace = $1 and t.name = $3 and t.holder = $4 and t.fencing_token = $5::bigint
    and t.expires_at > clock.ms`;

/** $6 ttl. */
const RENEW: Statement = {
  name: 'mooring_lease_renew_1',
  text: `update mooring_leases t set expires_at = clock.ms + $6::bigint from ${CLOCK} clock where ${HELD}
    returning t.fencing_token, t.expires_at`,
};

const RELEASE: Statement = {
  name: 'mooring_lease_release_1',
  text: `update mooring_leases t set expires_at = clock.ms from ${CLOCK} clock where ${HELD}
    returning t.fencing_token, t.expires_at`,
};

interface LeaseRow {
  readonly fencing_token: number;
  readonly expires_at: number;
}

export class PostgresLeases implements LeaseStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async acquire(name: string, holder: string, ttlMs: number): Promise<Result<Lease, 'held'>> {
    const operation = 'leases.acquire';
    this.validation.leaseRequest(operation, name, holder, ttlMs);
    const row = await this.database.one<LeaseRow>(operation, ACQUIRE, [name, holder, ttlMs]);
    return row === undefined ? refused('held') : ok(leaseOf(name, holder, row));
  }

  async renew(lease: Lease, ttlMs: number): Promise<Result<Lease, 'lost'>> {
    const operation = 'leases.renew';
    this.validation.lease(operation, lease);
    this.validation.duration(operation, 'ttlMs', ttlMs);
    const row = await this.database.one<LeaseRow>(operation, RENEW, [
      lease.name,
      lease.holder,
      lease.fencingToken,
      ttlMs,
    ]);
    return row === undefined ? refused('lost') : ok(leaseOf(lease.name, lease.holder, row));
  }

  async release(lease: Lease): Promise<Result<null, 'lost'>> {
    const operation = 'leases.release';
    this.validation.lease(operation, lease);
    const row = await this.database.one(operation, RELEASE, [lease.name, lease.holder, lease.fencingToken]);
    return row === undefined ? refused('lost') : ok(null);
  }
}

function leaseOf(name: string, holder: string, row: LeaseRow): Lease {
  return { name, holder, fencingToken: row.fencing_token, expiresAt: row.expires_at };
}
