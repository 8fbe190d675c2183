import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { BudgetRequest, StoreBackend } from '@mooring/session-store';
import { accepted, countOf, parallel, refusedAs } from '../expectations.ts';
import type { Trial } from '../harness.ts';
import { DAY_MS } from '../samples.ts';
import { BudgetModel } from './budget-model.ts';

export type BudgetCommand =
  | { readonly do: 'reserve'; readonly id: number; readonly scopes: readonly number[]; readonly amount: number }
  | { readonly do: 'settle'; readonly id: number; readonly actual: number }
  | { readonly do: 'release'; readonly id: number }
  /** New reservations at once, on both clients. */
  | { readonly do: 'burst'; readonly scopes: readonly number[]; readonly amount: number; readonly calls: number }
  | { readonly do: 'usage' | 'sweep' }
  | { readonly do: 'wait'; readonly ms: number };

const id = fc.constantFrom(0, 0, 1, 1, 2, 3, 4, 5, 6);
const scopes = fc.constantFrom([0, 1], [0, 1], [1, 0], [0], [2]);
const amount = fc.constantFrom(0, 5, 10, 20, 20, 40);
const command: fc.Arbitrary<BudgetCommand> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('reserve' as const), id, scopes, amount }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('settle' as const), id, actual: fc.constantFrom(0, 1, 5, 5, 30) }),
  },
  fc.record({ do: fc.constant('release' as const), id }),
  fc.record({ do: fc.constant('burst' as const), scopes, amount, calls: fc.integer({ min: 2, max: 5 }) }),
  fc.record({ do: fc.constantFrom('usage' as const, 'usage' as const, 'sweep' as const) }),
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 98, 298, 299, 498, 499, 1200) }),
  },
);
export const budgetCommands = fc.array(command, { minLength: 30, maxLength: 40, size: 'max' });

const LIMITS = [100, 60, 40];
const TTL_MS = 500;
const nameOf = (scope: number): string => `scope-${scope}`;
const NAMES = LIMITS.map((_, scope) => nameOf(scope));

/** Does each command to the store and to the model, and compares the answers. A millisecond passes before each. */
export class BudgetRun {
  private readonly model = new BudgetModel();
  private readonly endsAt: number;
  private steps = 0;
  private bursts = 0;

  constructor(
    private readonly trial: Trial,
    private readonly tenantId: string,
  ) {
    this.endsAt = trial.clock.now() + 30 * DAY_MS;
  }

  async step(command: BudgetCommand): Promise<void> {
    const { clock, store, second } = this.trial;
    await clock.advance(1 + (command.do === 'wait' ? command.ms : 0));
    const client = this.steps++ % 2 === 0 ? store : second;
    switch (command.do) {
      case 'wait':
        return;
      case 'sweep':
        return void accepted(await client.sweep({ target: 'budgets', limit: 1000 }));
      case 'usage':
        break;
      case 'reserve':
        await this.reserve(client, command);
        break;
      case 'burst':
        await this.burst(command);
        break;
      default:
        await this.finish(client, command);
    }
    assert.deepEqual(await client.budgets.usage(this.tenantId, NAMES), this.model.usage(NAMES, clock.now()));
  }

  private request(id: string, scopes: readonly number[], amount: number): BudgetRequest {
    const { tenantId, endsAt } = this;
    const named = scopes.map((scope) => ({ name: nameOf(scope), limit: LIMITS[scope] ?? 0, endsAt }));
    return { tenantId, scopes: named, amount, ttlMs: TTL_MS, reservationId: id };
  }

  private async reserve(
    client: StoreBackend,
    { id, scopes, amount }: { readonly id: number; readonly scopes: readonly number[]; readonly amount: number },
  ): Promise<void> {
    const request = this.request(`reservation-${id}`, scopes, amount);
    const result = await client.budgets.reserve(request);
    const expected = this.expected(request);
    if (expected === undefined) return refusedAs(result, 'exceeded');
    const { reservationId, expiresAt, usage } = accepted(result);
    assert.deepEqual([reservationId, expiresAt], [request.reservationId, expected.expiresAt]);
    if (expected.state === 'reserved') assert.deepEqual(usage, expected.answer);
  }

  private async finish(
    client: StoreBackend,
    command: Extract<BudgetCommand, { readonly do: 'settle' | 'release' }>,
  ): Promise<void> {
    const ref = { tenantId: this.tenantId, reservationId: `reservation-${command.id}` };
    const settles = command.do === 'settle';
    const result = await (settles ? client.budgets.settle(ref, command.actual) : client.budgets.release(ref));
    const [state, actual] = settles ? (['settled', command.actual] as const) : (['released', 0] as const);
    const expected = this.model.finish(ref.reservationId, state, actual, this.trial.clock.now());
    if (expected === undefined) return refusedAs(result, 'not_found');
    assert.deepEqual(accepted(result), expected);
  }

  /** Nobody knows who comes first, but as many as fit do. */
  private async burst({ scopes, amount, calls }: Extract<BudgetCommand, { readonly do: 'burst' }>): Promise<void> {
    const burst = ++this.bursts;
    const requests = Array.from({ length: calls }, (_, call) => this.request(`burst-${burst}-${call}`, scopes, amount));
    const results = await parallel(this.trial, calls, ({ budgets }, index) =>
      budgets.reserve(requests[index] as BudgetRequest),
    );
    const expected = requests.map((request) => this.expected(request) !== undefined);
    assert.equal(
      countOf(results, ({ ok }) => ok),
      countOf(expected, (fits) => fits),
    );
  }

  private expected({ reservationId, amount, scopes, ttlMs }: BudgetRequest) {
    const limits = new Map(scopes.map(({ name, limit }) => [name, limit]));
    return this.model.reserve(reservationId, amount, limits, ttlMs, this.trial.clock.now());
  }
}
