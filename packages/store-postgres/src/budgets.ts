import { ok, refused } from '@mooring/session-store';
import type {
  BudgetRequest,
  BudgetStore,
  BudgetUsage,
  Reservation,
  ReservationRef,
  Result,
} from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Database, Statement } from './database.ts';
import { corrupt } from './errors.ts';
import { CLOCK } from './server-time.ts';

/** $3 tenant, $4 reservation, then of each scope: $5 name, $6 limit, $7 end; $8 amount, $9 ttl. */
const RESERVE: Statement = {
  name: 'mooring_budget_reserve_1',
  text: `select outcome, expires_at, usage from mooring_budget_reserve(
    $1, $2::bigint, $3, $4, $5::text[], $6::bigint[], $7::bigint[], $8::bigint, $9::bigint)`,
};

/** $3 tenant, $4 reservation, $5 what becomes of it, $6 what it cost. */
const FINISH: Statement = {
  name: 'mooring_budget_finish_1',
  text: `select usage from mooring_budget_finish($1, $2::bigint, $3, $4, $5, $6::bigint)`,
};

/** $3 tenant, $4 scopes. */
const USAGE: Statement = {
  name: 'mooring_budget_usage_1',
  text: `select mooring_budget_usage($1, clock.ms, $3, $4::text[]) as usage from ${CLOCK} clock`,
};

/** Reserved before, settled after; the sum of both never passes a limit. */
export class PostgresBudgets implements BudgetStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async reserve(request: BudgetRequest): Promise<Result<Reservation, 'exceeded'>> {
    const operation = 'budgets.reserve';
    const { tenantId, reservationId, scopes, amount, ttlMs } = request;
    this.validation.budgetRequest(operation, request);
    const row = await this.database.one<{ outcome: 'reserved' | 'exceeded'; expires_at: number; usage: string }>(
      operation,
      RESERVE,
      [
        tenantId,
        reservationId,
        scopes.map(({ name }) => name),
        scopes.map(({ limit }) => limit),
        scopes.map(({ endsAt }) => endsAt),
        amount,
        ttlMs,
      ],
    );
    if (row === undefined || row.outcome === 'exceeded') return refused('exceeded');
    return ok({ reservationId, expiresAt: row.expires_at, usage: usageOf(operation, row.usage) });
  }

  async settle(ref: ReservationRef, actual: number): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    const operation = 'budgets.settle';
    this.validation.reservation(operation, ref);
    this.validation.amount(operation, 'actual', actual);
    return this.finish(operation, ref, 'settled', actual);
  }

  async release(ref: ReservationRef): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    const operation = 'budgets.release';
    this.validation.reservation(operation, ref);
    return this.finish(operation, ref, 'released', 0);
  }

  async usage(tenantId: string, scopes: readonly string[]): Promise<readonly BudgetUsage[]> {
    const operation = 'budgets.usage';
    this.validation.text(operation, 'tenantId', tenantId);
    this.validation.budgetScopes(operation, scopes);
    const row = await this.database.one<{ usage: string }>(operation, USAGE, [tenantId, scopes]);
    return usageOf(operation, row?.usage ?? '[]');
  }

  private async finish(
    operation: string,
    ref: ReservationRef,
    state: 'settled' | 'released',
    actual: number,
  ): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    const row = await this.database.one<{ usage: string }>(operation, FINISH, [
      ref.tenantId,
      ref.reservationId,
      state,
      actual,
    ]);
    return row === undefined ? refused('not_found') : ok(usageOf(operation, row.usage));
  }
}

function usageOf(operation: string, json: string): readonly BudgetUsage[] {
  const usage = JSON.parse(json) as readonly BudgetUsage[];
  if (usage.some(({ settled, reserved }) => !Number.isSafeInteger(settled) || !Number.isSafeInteger(reserved))) {
    throw corrupt(operation, 'an amount beyond 2^53');
  }
  return usage;
}
