import { ok } from '@mooring/session-store';
import type { AttemptKey, StoreBackend } from '@mooring/session-store';
import { portMutant } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { pause } from './session-memory.ts';

const LONGEST_TIMER_MS = 2_147_483_647;
const LONGEST_MS = 34_560_000_000;

async function timeOf(store: StoreBackend): Promise<number> {
  return (await store.ping()).serverTime ?? Date.now();
}

/** Faults of limits, attempts and budgets. */
export const USAGE_MUTANTS: readonly Mutant[] = [
  portMutant('a window is fixed, not sliding', 'limits', (_limits, store) => {
    const counters = new Map<string, { window: number; used: number }>();
    return {
      async consume(key, rule, { cost = 1 } = {}) {
        const now = await timeOf(store);
        const name = JSON.stringify([key, rule]);
        const window = Math.floor(now / rule.windowMs);
        const counter = counters.get(name);
        const used = counter?.window === window ? counter.used : 0;
        const allowed = used + cost <= rule.limit;
        if (allowed) counters.set(name, { window, used: used + cost });
        const resetAt = (window + 1) * rule.windowMs;
        const remaining = rule.limit - used - (allowed ? cost : 0);
        return { allowed, limit: rule.limit, remaining, retryAfterMs: allowed ? 0 : resetAt - now, resetAt };
      },
    };
  }),

  portMutant('a window of more than 24.8 days is none', 'limits', (limits) => ({
    consume: (key, rule, options) =>
      limits.consume(key, rule.windowMs > LONGEST_TIMER_MS ? { ...rule, windowMs: 1 } : rule, options),
  })),

  portMutant('a retry counts again', 'limits', (limits) => ({
    consume: (key, rule, { cost = 1 } = {}) => limits.consume(key, rule, { cost }),
  })),

  portMutant('a refusal says to wait for the whole window', 'limits', (limits) => ({
    async consume(key, rule, options) {
      const decision = await limits.consume(key, rule, options);
      return decision.allowed ? decision : { ...decision, retryAfterMs: rule.windowMs };
    },
  })),

  portMutant('the limit is checked, then acted on', 'limits', (limits) => ({
    async consume(key, rule, options) {
      const peeked = await limits.peek(key, rule);
      await pause();
      const decision = await limits.consume(key, rule, options);
      return peeked.allowed ? { ...decision, allowed: true, retryAfterMs: 0 } : decision;
    },
  })),

  portMutant('a success clears the address as well', 'attempts', (attempts) => {
    const asAccount = (keys: readonly AttemptKey[]): AttemptKey[] =>
      keys.map((key) => ({ ...key, scope: 'account', value: `${key.scope} ${key.value}` }));
    return {
      check: (tenantId, keys) => attempts.check(tenantId, asAccount(keys)),
      recordFailure: (tenantId, keys, options) => attempts.recordFailure(tenantId, asAccount(keys), options),
      recordSuccess: (tenantId, keys) => attempts.recordSuccess(tenantId, asAccount(keys)),
    };
  }),

  portMutant('a retried failure counts again', 'attempts', (attempts) => ({
    recordFailure: (tenantId, keys) => attempts.recordFailure(tenantId, keys),
  })),

  portMutant('locks never get longer', 'attempts', (attempts) => ({
    recordFailure: (tenantId, keys, options) =>
      attempts.recordFailure(
        tenantId,
        keys.map((key) => ({ ...key, policy: { ...key.policy, lockStepsMs: key.policy.lockStepsMs.slice(0, 1) } })),
        options,
      ),
  })),

  portMutant('a budget is checked, then reserved', 'budgets', (budgets) => ({
    async reserve(request) {
      const names = request.scopes.map(({ name }) => name);
      const usage = await budgets.usage(request.tenantId, names);
      const fits = request.scopes.every(({ limit }, index) => {
        const { settled = 0, reserved = 0 } = usage[index] ?? {};
        return settled + reserved + request.amount <= limit;
      });
      await pause();
      const scopes = request.scopes.map((scope) => ({ ...scope, limit: Number.MAX_SAFE_INTEGER }));
      return budgets.reserve(fits ? { ...request, scopes } : request);
    },
  })),

  portMutant('only the first scope of a budget counts', 'budgets', (budgets) => ({
    reserve: (request) => budgets.reserve({ ...request, scopes: request.scopes.slice(0, 1) }),
  })),

  portMutant('a lost reservation never returns', 'budgets', (budgets) => ({
    async reserve(request) {
      const result = await budgets.reserve({ ...request, ttlMs: LONGEST_MS });
      if (!result.ok) return result;
      return ok({ ...result.value, expiresAt: result.value.expiresAt - LONGEST_MS + request.ttlMs });
    },
  })),

  portMutant('what cost more than was reserved is cut off', 'budgets', (budgets) => {
    const amounts = new Map<string, number>();
    return {
      async reserve(request) {
        amounts.set(request.reservationId, request.amount);
        return budgets.reserve(request);
      },
      settle: (ref, actual) => budgets.settle(ref, Math.min(actual, amounts.get(ref.reservationId) ?? actual)),
    };
  }),

  portMutant('a late settlement is not found', 'budgets', (budgets, store) => {
    const ends = new Map<string, number>();
    return {
      async reserve(request) {
        const result = await budgets.reserve(request);
        if (result.ok) ends.set(request.reservationId, result.value.expiresAt);
        return result;
      },
      async settle(ref, actual) {
        const late = (ends.get(ref.reservationId) ?? Infinity) <= (await timeOf(store));
        return budgets.settle(late ? { ...ref, reservationId: 'gone' } : ref, actual);
      },
    };
  }),
];
