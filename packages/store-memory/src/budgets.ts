import { ok, refused } from '@mooring/session-store';
import type {
  BudgetRequest,
  BudgetScope,
  BudgetStore,
  BudgetUsage,
  EpochMs,
  Reservation,
  ReservationRef,
  Result,
} from '@mooring/session-store';
import { keyOf } from './key.ts';
import type { MemorySpace } from './memory-space.ts';
import type { Table } from './table.ts';

interface Held {
  readonly amount: number;
  readonly expiresAt: EpochMs;
}

/** What was spent and what is reserved in one scope. */
interface ScopeRow {
  readonly settled: number;
  /** By reservation. Expired ones leave with the next write. */
  readonly held: ReadonlyMap<string, Held>;
  readonly endsAt: EpochMs;
}

interface ReservationRow {
  readonly amount: number;
  readonly scopes: readonly BudgetScope[];
  readonly expiresAt: EpochMs;
  readonly state: 'reserved' | 'settled' | 'released';
  /** The answer to whoever brought it into this state. */
  readonly usage: readonly BudgetUsage[];
}

type BudgetRow = { readonly scope: ScopeRow } | { readonly reservation: ReservationRow };

/** Scopes and reservations are rows of one table, so that one sweep looks at both. */
export class MemoryBudgets implements BudgetStore {
  readonly rows: Table<BudgetRow>;

  constructor(private readonly space: MemorySpace) {
    this.rows = space.table<BudgetRow>({
      deadline: (row) => ('scope' in row ? endOfScope(row.scope) : endOfReservation(row.reservation)),
      characters: (row) => ('scope' in row ? 300 * row.scope.held.size : 100 * row.reservation.scopes.length),
    });
  }

  async reserve(request: BudgetRequest): Promise<Result<Reservation, 'exceeded'>> {
    const operation = 'budgets.reserve';
    const now = this.space.enter(operation);
    this.space.validation.budgetRequest(operation, request);
    const { tenantId, reservationId, amount } = request;
    const first = this.reservation(request);
    if (first !== undefined) {
      return ok({ reservationId, expiresAt: first.expiresAt, usage: copyOf(first.usage) });
    }
    const rows = request.scopes.map(({ name, endsAt }) => this.scope(tenantId, name, endsAt, now));
    const exceeded = request.scopes.some(({ limit }, index) => {
      const row = rows[index];
      return row !== undefined && row.settled + reservedIn(row) + amount > limit;
    });
    if (exceeded) return refused('exceeded');

    const expiresAt = now + request.ttlMs;
    const scopes = request.scopes.map(({ name, limit, endsAt }) => ({ name, limit, endsAt }));
    const usage = scopes.map(({ name }, index) => {
      const row = rows[index];
      return { name, settled: row?.settled ?? 0, reserved: (row === undefined ? 0 : reservedIn(row)) + amount };
    });
    const reservation: ReservationRow = { amount, scopes, expiresAt, state: 'reserved', usage };
    this.rows.insert(operation, reservationKey(request), { reservation });
    for (const [index, { name }] of scopes.entries()) {
      const row = rows[index];
      if (row === undefined) continue;
      const held = new Map(row.held).set(reservationId, { amount, expiresAt });
      this.rows.put(scopeKey(tenantId, name), { scope: { ...row, held } });
    }
    return ok({ reservationId, expiresAt, usage: copyOf(usage) });
  }

  async settle(ref: ReservationRef, actual: number): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    const operation = 'budgets.settle';
    this.space.validation.amount(operation, 'actual', actual);
    return this.finish(operation, ref, 'settled', actual);
  }

  async release(ref: ReservationRef): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    return this.finish('budgets.release', ref, 'released', 0);
  }

  async usage(tenantId: string, scopes: readonly string[]): Promise<readonly BudgetUsage[]> {
    const operation = 'budgets.usage';
    const now = this.space.enter(operation);
    this.space.validation.text(operation, 'tenantId', tenantId);
    this.space.validation.budgetScopes(operation, scopes);
    return this.usageOf(
      tenantId,
      scopes.map((name) => ({ name })),
      now,
    );
  }

  /** Only a reservation that is still open, in time or late, changes what is settled. Later calls get its answer. */
  private finish(
    operation: string,
    ref: ReservationRef,
    state: 'settled' | 'released',
    actual: number,
  ): Result<readonly BudgetUsage[], 'not_found'> {
    const now = this.space.enter(operation);
    const { tenantId, reservationId } = ref;
    this.space.validation.reservation(operation, ref);
    const reservation = this.reservation(ref);
    if (reservation === undefined) return refused('not_found');
    if (reservation.state !== 'reserved') return ok(copyOf(reservation.usage));
    for (const { name, endsAt } of reservation.scopes) {
      const row = this.scope(tenantId, name, endsAt, now);
      const held = new Map(row.held);
      held.delete(reservationId);
      this.rows.put(scopeKey(tenantId, name), { scope: { ...row, held, settled: row.settled + actual } });
    }
    const usage = this.usageOf(tenantId, reservation.scopes, now);
    this.rows.put(reservationKey(ref), { reservation: { ...reservation, state, usage } });
    return ok(copyOf(usage));
  }

  private reservation(ref: ReservationRef): ReservationRow | undefined {
    const row = this.rows.get(reservationKey(ref));
    return row !== undefined && 'reservation' in row ? row.reservation : undefined;
  }

  /** The scope with what is reserved in it now. */
  private scope(tenantId: string, name: string, endsAt: EpochMs, now: EpochMs): ScopeRow {
    const row = this.rows.get(scopeKey(tenantId, name));
    if (row === undefined || !('scope' in row)) return { settled: 0, held: new Map(), endsAt };
    const { settled, held } = row.scope;
    const lasting = [...held].filter(([, { expiresAt }]) => expiresAt > now);
    return { settled, held: new Map(lasting), endsAt: Math.max(endsAt, row.scope.endsAt) };
  }

  private usageOf(tenantId: string, scopes: readonly { readonly name: string }[], now: EpochMs): BudgetUsage[] {
    return scopes.map(({ name }) => {
      const row = this.scope(tenantId, name, 0, now);
      return { name, settled: row.settled, reserved: reservedIn(row) };
    });
  }
}

function scopeKey(tenantId: string, name: string): string {
  return keyOf(tenantId, 'scope', name);
}

function reservationKey({ tenantId, reservationId }: ReservationRef): string {
  return keyOf(tenantId, 'reservation', reservationId);
}

function reservedIn({ held }: ScopeRow): number {
  let sum = 0;
  for (const { amount } of held.values()) sum += amount;
  return sum;
}

function endOfScope({ endsAt, held }: ScopeRow): EpochMs {
  let end = endsAt;
  for (const { expiresAt } of held.values()) end = Math.max(end, expiresAt);
  return end;
}

/** An expired reservation is kept for its late settlement as long as its scopes are. */
function endOfReservation({ scopes, expiresAt }: ReservationRow): EpochMs {
  return Math.max(expiresAt, ...scopes.map(({ endsAt }) => endsAt));
}

function copyOf(usage: readonly BudgetUsage[]): BudgetUsage[] {
  return usage.map((one) => ({ ...one }));
}
