import { randomUUID } from 'node:crypto';
import { ok, refused, systemClock } from '@mooring/session-store';
import type { BudgetScope, BudgetStore, BudgetUsage, Clock, EpochMs, Result } from '@mooring/session-store';
import { checkPeriod, countsOf, currentCount } from './budget-period.ts';
import type { BudgetPeriod } from './budget-period.ts';
import { checkPolicies, countName } from './consumer.ts';
import type { Consumer, ConsumerScope } from './consumer.ts';
import { UsageLimitError, wholeNumber } from './errors.ts';

const MOST_COUNTS = 16;
const LONGEST_TTL_MS = 34_560_000_000;

export interface BudgetPolicy {
  /** What is spent, such as `rows`: 1 to 32 lower-case letters, digits and dashes. */
  readonly name: string;
  readonly scope: Exclude<ConsumerScope, 'ip'>;
  /** Whole units, such as millionths of a currency, in each period. */
  readonly limit: number;
  readonly period: BudgetPeriod;
}

export interface BudgetState {
  readonly policy: BudgetPolicy;
  readonly settled: number;
  readonly reserved: number;
  /** Never below 0, also where more was spent than reserved. */
  readonly remaining: number;
  /** When the period ends; of a rolling one, when the oldest count that holds now is over. */
  readonly endsAt: EpochMs;
}

/** An amount that is held back until it is known what it costs. */
export interface Spending {
  readonly reservationId: string;
  /** From then on the amount is free again by itself. */
  readonly expiresAt: EpochMs;
  /** How each policy stands, with this amount held. */
  readonly states: readonly BudgetState[];
  /**
   * Replaces the reservation by what it cost: recorded whole, also beyond the limit, since it was spent. `not_found` when
   * it ended so long ago that the store forgot it.
   */
  settle(actual: number): Promise<Result<null, 'not_found'>>;
  /** It cost nothing. */
  release(): Promise<Result<null, 'not_found'>>;
}

export interface SpendRequest {
  readonly consumer: Consumer;
  /** The most that it may cost, in whole units. */
  readonly amount: number;
  /** Longer than it may take, 1 to 34,560,000,000. Default 3,600,000. */
  readonly ttlMs?: number;
  /** Names the reservation: reserving again with it answers the first one. Default: a random one. */
  readonly id?: string;
}

export interface BudgetLedgerParts {
  readonly budgets: BudgetStore;
  /** At most 16 counts in all: a day or month is one, a rolling period seven. */
  readonly policies: readonly BudgetPolicy[];
  /** Of days and months. Default UTC. */
  readonly timeZone?: string;
  readonly clock?: Pick<Clock, 'now'>;
}

/**
 * Budgets over several scopes and periods: reserve before, settle after, in all of them or in none. What is settled and
 * reserved never passes a limit, over all processes.
 */
export class BudgetLedger {
  private readonly timeZone: string;

  /** @throws UsageLimitError */
  constructor(private readonly parts: BudgetLedgerParts) {
    this.timeZone = parts.timeZone ?? 'UTC';
    checkPolicies(parts.policies);
    for (const { name, limit, period } of parts.policies) {
      wholeNumber(`${name}.limit`, limit, 0, Number.MAX_SAFE_INTEGER);
      checkPeriod(name, period, this.timeZone);
    }
    const counts = parts.policies.reduce((sum, { period }) => sum + countsOf(period, this.timeZone, 0).length, 0);
    if (counts > MOST_COUNTS) {
      throw new UsageLimitError(
        `the policies have ${counts} counts, at most ${MOST_COUNTS} fit; a rolling period has 7`,
      );
    }
  }

  /** One round trip, over all policies. */
  async reserve(request: SpendRequest): Promise<Result<Spending, 'exceeded'>> {
    const { consumer, amount, ttlMs = 3_600_000, id = randomUUID() } = request;
    const { tenantId } = consumer;
    wholeNumber('amount', amount, 0, Number.MAX_SAFE_INTEGER);
    wholeNumber('ttlMs', ttlMs, 1, LONGEST_TTL_MS);
    const reserved = await this.parts.budgets.reserve({
      tenantId,
      reservationId: id,
      amount,
      ttlMs,
      scopes: this.scopesOf(consumer),
    });
    if (!reserved.ok) return refused('exceeded');
    const ref = { tenantId, reservationId: id };
    const { expiresAt, usage } = reserved.value;
    return ok({
      ...ref,
      expiresAt,
      states: this.statesOf(consumer, usage),
      settle: async (actual) => {
        wholeNumber('actual', actual, 0, Number.MAX_SAFE_INTEGER);
        const settled = await this.parts.budgets.settle(ref, actual);
        return settled.ok ? ok(null) : settled;
      },
      release: async () => {
        const released = await this.parts.budgets.release(ref);
        return released.ok ? ok(null) : released;
      },
    });
  }

  /** How each policy stands. One round trip. */
  async usage(consumer: Consumer): Promise<readonly BudgetState[]> {
    const names = this.countsNow(consumer).map(({ name }) => name);
    return this.statesOf(consumer, await this.parts.budgets.usage(consumer.tenantId, names));
  }

  private statesOf(consumer: Consumer, usage: readonly BudgetUsage[]): BudgetState[] {
    const found = new Map(usage.map((one) => [one.name, one]));
    return this.countsNow(consumer).map(({ policy, name, endsAt }) => {
      const { settled = 0, reserved = 0 } = found.get(name) ?? {};
      return { policy, settled, reserved, remaining: Math.max(0, policy.limit - settled - reserved), endsAt };
    });
  }

  private countsNow(consumer: Consumer) {
    const now = this.now();
    return this.parts.policies.map((policy) => {
      const { label, endsAt } = currentCount(policy.period, this.timeZone, now);
      return { policy, name: `${countName(policy, consumer)}:${label}`, endsAt };
    });
  }

  private scopesOf(consumer: Consumer): BudgetScope[] {
    const now = this.now();
    return this.parts.policies.flatMap((policy) => {
      const name = countName(policy, consumer);
      const { limit, period } = policy;
      return countsOf(period, this.timeZone, now).map(({ label, endsAt }) => ({
        name: `${name}:${label}`,
        limit,
        endsAt,
      }));
    });
  }

  private now(): EpochMs {
    return (this.parts.clock ?? systemClock).now();
  }
}
