import { ok, refused } from '@mooring/session-store';
import type { EpochMs, Lease, LeaseStore, Result } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import { next } from './counters.ts';
import type { Access, Database } from './database.ts';
import { query } from './file/connection.ts';

const FIND = query<LeaseRow>(`select holder, fencing_token, expires_at from leases where namespace = ? and name = ?`);

const PUT = `insert into leases (namespace, name, holder, fencing_token, expires_at) values (?, ?, ?, ?, ?)
  on conflict (namespace, name) do update set
    holder = excluded.holder, fencing_token = excluded.fencing_token, expires_at = excluded.expires_at`;

/** Only who holds the lease, and only while it lasts. */
const MOVE = `update leases set expires_at = ?
  where namespace = ? and name = ? and holder = ? and fencing_token = ? and expires_at > ?`;

/** Over by any clock, also by one that was set back: nobody has this name. */
const NOBODY = '';
const FREE = `update leases set holder = '${NOBODY}', expires_at = ?
  where namespace = ? and name = ? and holder = ? and fencing_token = ? and expires_at > ?`;

interface LeaseRow {
  readonly holder: string;
  readonly fencing_token: number;
  readonly expires_at: EpochMs;
}

export class SqliteLeases implements LeaseStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async acquire(name: string, holder: string, ttlMs: number): Promise<Result<Lease, 'held'>> {
    const operation = 'leases.acquire';
    this.validation.leaseRequest(operation, name, holder, ttlMs);
    return this.database.write(operation, (access) => {
      const held = access.one(FIND, access.namespace, name);
      const lasts = held !== undefined && held.holder !== NOBODY && held.expires_at > access.now;
      if (lasts && held.holder !== holder) return refused('held');
      const fencingToken = lasts ? held.fencing_token : next(access, 'fencing_token');
      const expiresAt = access.now + ttlMs;
      access.run(PUT, access.namespace, name, holder, fencingToken, expiresAt);
      return ok({ name, holder, fencingToken, expiresAt });
    });
  }

  async renew(lease: Lease, ttlMs: number): Promise<Result<Lease, 'lost'>> {
    const operation = 'leases.renew';
    this.validation.lease(operation, lease);
    this.validation.duration(operation, 'ttlMs', ttlMs);
    return this.database.write(operation, (access) => {
      const { name, holder, fencingToken } = lease;
      const expiresAt = access.now + ttlMs;
      return moved(access, MOVE, lease, expiresAt) ? ok({ name, holder, fencingToken, expiresAt }) : refused('lost');
    });
  }

  async release(lease: Lease): Promise<Result<null, 'lost'>> {
    const operation = 'leases.release';
    this.validation.lease(operation, lease);
    return this.database.write(operation, (access) =>
      moved(access, FREE, lease, access.now) ? ok(null) : refused('lost'),
    );
  }
}

function moved(access: Access, change: string, { name, holder, fencingToken }: Lease, expiresAt: EpochMs): boolean {
  return access.run(change, expiresAt, access.namespace, name, holder, fencingToken, access.now) === 1;
}
