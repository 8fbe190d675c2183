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
import { FINISH, RESERVE, USAGE } from './budget-scripts.ts';
import { corrupt } from './errors.ts';
import type { Keys } from './keys.ts';
import type { RedisServer } from './server.ts';

/** Reserved before, settled after; the sum of both never passes a limit. */
export class RedisBudgets implements BudgetStore {
  constructor(
    private readonly server: RedisServer,
    private readonly keys: Keys,
    private readonly validation: Validation,
  ) {}

  async reserve(request: BudgetRequest): Promise<Result<Reservation, 'exceeded'>> {
    const operation = 'budgets.reserve';
    const { tenantId, reservationId, scopes, amount, ttlMs } = request;
    this.validation.budgetRequest(operation, request);
    const answer = (await this.server.run(operation, RESERVE, this.keys.budgets(tenantId), [
      reservationId,
      amount,
      ttlMs,
      ...scopes.flatMap(({ name, limit, endsAt }) => [name, limit, endsAt]),
    ])) as readonly unknown[] | null;
    if (answer === null) return refused('exceeded');
    const [expiresAt, ...usage] = answer;
    return ok({ reservationId, expiresAt: Number(expiresAt), usage: usageOf(operation, usage) });
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
    const answer = await this.server.run(operation, USAGE, this.keys.budgets(tenantId), scopes);
    return usageOf(operation, answer as readonly unknown[]);
  }

  private async finish(
    operation: string,
    ref: ReservationRef,
    state: 'settled' | 'released',
    actual: number,
  ): Promise<Result<readonly BudgetUsage[], 'not_found'>> {
    const args = [ref.reservationId, state, actual];
    const answer = (await this.server.run(operation, FINISH, this.keys.budgets(ref.tenantId), args)) as
      | readonly unknown[]
      | null;
    return answer === null ? refused('not_found') : ok(usageOf(operation, answer));
  }
}

/** Triples of name, settled and reserved. */
function usageOf(operation: string, answer: readonly unknown[]): BudgetUsage[] {
  const usage: BudgetUsage[] = [];
  for (let index = 0; index < answer.length; index += 3) {
    const settled = Number(answer[index + 1]);
    const reserved = Number(answer[index + 2]);
    if (!Number.isSafeInteger(settled) || !Number.isSafeInteger(reserved)) {
      throw corrupt(operation, 'an amount beyond 2^53');
    }
    usage.push({ name: String(answer[index]), settled, reserved });
  }
  return usage;
}
