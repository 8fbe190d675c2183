import { ok, refused } from '@mooring/session-store';
import type {
  BudgetRequest,
  BudgetStore,
  BudgetUsage,
  EpochMs,
  Reservation,
  ReservationRef,
  Result,
} from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Access, Database } from './database.ts';
import { corrupt } from './errors.ts';
import { query } from './file/connection.ts';

const USAGE = query<{ settled: number; reserved: number }>(`select
    coalesce((select b.settled from budgets b where b.namespace = ?1 and b.tenant_id = ?2 and b.name = ?3), 0) as settled,
    coalesce((
      select sum(h.amount) from holds h
      where h.namespace = ?1 and h.tenant_id = ?2 and h.name = ?3 and h.expires_at > ?4
    ), 0) as reserved`);

const ADD = `insert into budgets (namespace, tenant_id, name, settled, keep_until) values (?, ?, ?, ?, ?)
  on conflict (namespace, tenant_id, name) do update set
    settled = settled + excluded.settled, keep_until = max(keep_until, excluded.keep_until)`;

const HOLD = `insert into holds (namespace, tenant_id, name, reservation_id, amount, expires_at)
  values (?, ?, ?, ?, ?, ?)`;

const UNHOLD = `delete from holds where namespace = ? and tenant_id = ? and name = ? and reservation_id = ?`;

const FIND = query<ReservationRow>(`select scopes, expires_at, state, usage from reservations
  where namespace = ? and tenant_id = ? and reservation_id = ?`);

const RESERVE = `insert into reservations (
    namespace, tenant_id, reservation_id, amount, scopes, expires_at, state, usage, keep_until
  ) values (?, ?, ?, ?, ?, ?, 'reserved', ?, ?)`;

const FINISH = `update reservations set state = ?, usage = ?
  where namespace = ? and tenant_id = ? and reservation_id = ?`;

type Finish = 'settled' | 'released';

interface ReservationRow {
  /** A JSON list of [name, end]. */
  readonly scopes: string;
  readonly expires_at: EpochMs;
  readonly state: 'reserved' | Finish;
  /** The answer to whoever brought the reservation into this state, as JSON. */
  readonly usage: string;
}

/** Reserved before, settled after; the sum of both never passes a limit. */
export class SqliteBudgets implements BudgetStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async reserve(request: BudgetRequest): Promise<Result<Reservation, 'exceeded'>> {
    const operation = 'budgets.reserve';
    const { tenantId, reservationId, scopes, amount, ttlMs } = request;
    this.validation.budgetRequest(operation, request);
    return this.database.write(operation, (access) => {
      const first = access.one(FIND, access.namespace, tenantId, reservationId);
      if (first !== undefined) {
        const usage = usagesIn(operation, first.usage);
        return ok({ reservationId, expiresAt: first.expires_at, usage });
      }
      const exceeded = scopes.some(({ name, limit }) => {
        const { settled, reserved } = usageOf(access, tenantId, name);
        return settled + reserved + amount > limit;
      });
      if (exceeded) return refused('exceeded');

      const expiresAt = access.now + ttlMs;
      for (const { name, endsAt } of scopes) {
        access.run(ADD, access.namespace, tenantId, name, 0, Math.max(endsAt, expiresAt));
        access.run(HOLD, access.namespace, tenantId, name, reservationId, amount, expiresAt);
      }
      const usage = scopes.map(({ name }) => usageOf(access, tenantId, name));
      access.run(
        RESERVE,
        access.namespace,
        tenantId,
        reservationId,
        amount,
        JSON.stringify(scopes.map(({ name, endsAt }) => [name, endsAt])),
        expiresAt,
        JSON.stringify(usage),
        Math.max(expiresAt, ...scopes.map(({ endsAt }) => endsAt)),
      );
      return ok({ reservationId, expiresAt, usage });
    });
  }

  async settle(ref: ReservationRef, actual: number): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    this.validation.amount('budgets.settle', 'actual', actual);
    return this.finish('budgets.settle', ref, 'settled', actual);
  }

  async release(ref: ReservationRef): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    return this.finish('budgets.release', ref, 'released', 0);
  }

  async usage(tenantId: string, scopes: readonly string[]): Promise<readonly BudgetUsage[]> {
    const operation = 'budgets.usage';
    this.validation.text(operation, 'tenantId', tenantId);
    this.validation.budgetScopes(operation, scopes);
    return this.database.read(operation, (access) => scopes.map((name) => usageOf(access, tenantId, name)));
  }

  private async finish(
    operation: string,
    ref: ReservationRef,
    state: Finish,
    actual: number,
  ): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    const { tenantId, reservationId } = ref;
    this.validation.reservation(operation, ref);
    return this.database.write(operation, (access) => {
      const key = [access.namespace, tenantId, reservationId] as const;
      const found = access.one(FIND, ...key);
      if (found === undefined) return refused('not_found');
      if (found.state !== 'reserved') return ok(usagesIn(operation, found.usage));
      const scopes = listIn(operation, found.scopes) as readonly (readonly [name: string, endsAt: EpochMs])[];
      for (const [name, endsAt] of scopes) {
        access.run(UNHOLD, access.namespace, tenantId, name, reservationId);
        access.run(ADD, access.namespace, tenantId, name, actual, endsAt);
      }
      const usage = scopes.map(([name]) => usageOf(access, tenantId, name));
      access.run(FINISH, state, JSON.stringify(usage), ...key);
      return ok(usage);
    });
  }
}

/** An expired reservation does not count, swept or not. */
function usageOf(access: Access, tenantId: string, name: string): BudgetUsage {
  const row = access.one(USAGE, access.namespace, tenantId, name, access.now);
  return { name, settled: row?.settled ?? 0, reserved: row?.reserved ?? 0 };
}

function usagesIn(operation: string, json: string): readonly BudgetUsage[] {
  return listIn(operation, json) as readonly BudgetUsage[];
}

function listIn(operation: string, json: string): readonly unknown[] {
  try {
    return JSON.parse(json) as readonly unknown[];
  } catch {
    throw corrupt(operation, 'a reservation is not JSON');
  }
}
