import assert from 'node:assert/strict';
import type { AttemptKey, BudgetRequest, StoreBackend } from '@mooring/session-store';
import { accepted } from '../expectations.ts';
import { DAY_MS } from '../samples.ts';
import { fresh } from './process-harness.ts';
import { Trace } from './trace.ts';

/** A count of what was acknowledged and of what nobody knows. */
class Tally {
  private sure = 0;
  private maybe = 0;

  async of<T>(call: (refused: () => void) => Promise<T>, amount = 1): Promise<T> {
    this.maybe += amount;
    const answer = await call(() => (this.maybe -= amount));
    this.maybe -= amount;
    this.sure += amount;
    return answer;
  }

  assertHolds(what: string, found: number, survived: boolean): void {
    const least = survived ? this.sure : 0;
    assert.ok(found >= least, `${what}: ${found}, but ${this.sure} were acknowledged`);
    assert.ok(found <= this.sure + this.maybe, `${what}: ${found} of ${this.sure + this.maybe} at most`);
  }
}

const POLICY = { limit: 10_000, windowMs: DAY_MS, lockStepsMs: [1000], resetAfterMs: DAY_MS };
const ATTEMPTS: readonly AttemptKey[] = [{ scope: 'account', value: 'ann', policy: POLICY }];

/** Units of one rate limit. */
export class LimitTrace extends Trace {
  readonly rule = { limit: 10_000, windowMs: DAY_MS };
  readonly key = { tenantId: this.tenantId, name: 'requests' };
  private readonly units = new Tally();

  constructor(tenantId: string) {
    super('limits', tenantId);
  }

  async step({ limits }: StoreBackend): Promise<void> {
    const decision = await this.units.of((refused) => this.ask(limits.consume(this.key, this.rule), refused));
    assert.ok(decision.allowed);
  }

  async verify({ limits }: StoreBackend, survived: boolean): Promise<void> {
    const { limit, remaining } = await limits.peek(this.key, this.rule);
    this.units.assertHolds('units of a limit', limit - remaining, survived);
  }
}

/** Failed attempts on one account. */
export class AttemptTrace extends Trace {
  private readonly failures = new Tally();

  constructor(tenantId: string) {
    super('attempts', tenantId);
  }

  async step({ attempts }: StoreBackend): Promise<void> {
    await this.failures.of((refused) => this.ask(attempts.recordFailure(this.tenantId, ATTEMPTS), refused));
  }

  async verify({ attempts }: StoreBackend, survived: boolean): Promise<void> {
    const { states } = await attempts.check(this.tenantId, ATTEMPTS);
    this.failures.assertHolds('failed attempts', states[0]?.failures ?? 0, survived);
  }
}

/** Spends of a month's budget: some settled, some released, some left open. */
export class BudgetTrace extends Trace {
  private readonly spent = new Tally();
  private readonly settled = new Tally();
  private count = 0;

  constructor(tenantId: string) {
    super('budgets', tenantId);
  }

  async step({ budgets }: StoreBackend): Promise<void> {
    const scopes = [{ name: 'month', limit: 1_000_000, endsAt: Date.now() + DAY_MS }];
    const request: BudgetRequest = {
      tenantId: this.tenantId,
      scopes,
      amount: 10,
      ttlMs: DAY_MS,
      reservationId: fresh('r'),
    };
    const settles = (this.count += 1) % 2 === 0;
    accepted(await this.spent.of((refused) => this.ask(budgets.reserve(request), refused), 10));
    if (settles) accepted(await this.settled.of((refused) => this.ask(budgets.settle(request, 10), refused), 10));
  }

  async verify({ budgets }: StoreBackend, survived: boolean): Promise<void> {
    const [usage] = await budgets.usage(this.tenantId, ['month']);
    const { settled = 0, reserved = 0 } = usage ?? {};
    this.settled.assertHolds('settled of a budget', settled, survived);
    this.spent.assertHolds('settled and reserved of a budget', settled + reserved, survived);
  }
}
