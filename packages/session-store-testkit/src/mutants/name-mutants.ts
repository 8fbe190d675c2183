import { StoreError } from '@mooring/session-store';
import type { LimitKey } from '@mooring/session-store';
import { portMutant } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { timeOf } from './session-memory.ts';

/** Faults in what names, numbers and times are taken for. */
export const NAME_MUTANTS: readonly Mutant[] = [
  portMutant('names that look alike are one', 'limits', (limits) => {
    const alike = ({ tenantId, name }: LimitKey): LimitKey => ({ tenantId, name: name.normalize('NFC') });
    return { consume: (key, rule, options) => limits.consume(alike(key), rule, options) };
  }),

  portMutant('the ends of names are cut', 'limits', (limits) => {
    const cut = ({ tenantId, name }: LimitKey): LimitKey => ({ tenantId, name: name.trim() || name });
    return { consume: (key, rule, options) => limits.consume(cut(key), rule, options) };
  }),

  portMutant('names are members of one object', 'attempts', (attempts) => ({
    recordFailure: (tenantId, keys, options) =>
      attempts.recordFailure(
        tenantId,
        keys.map((key) => ({ ...key, value: key.value in {} ? 'constructor' : key.value })),
        options,
      ),
  })),

  portMutant('a name of any length is cut to what fits', 'leases', (leases) => ({
    acquire: (name, holder, ttlMs) => leases.acquire(name.slice(0, 256), holder, ttlMs),
  })),

  portMutant('a window of less than a second never ends', 'limits', (limits) => ({
    consume: (key, rule, options) =>
      limits.consume(key, rule.windowMs < 1000 ? { ...rule, windowMs: 34_560_000_000 } : rule, options),
  })),

  portMutant('a window of 0 is taken, and nothing counts in it', 'limits', (limits) => ({
    async consume(key, rule, options) {
      if (rule.windowMs !== 0) return limits.consume(key, rule, options);
      return { allowed: true, limit: rule.limit, remaining: rule.limit, retryAfterMs: 0, resetAt: 0 };
    },
  })),

  portMutant('only a thousand units are counted', 'limits', (limits) => ({
    consume: (key, rule, options = {}) =>
      limits.consume(key, rule, rule.limit > 1000 ? { ...options, cost: Math.min(options.cost ?? 1, 1000) } : options),
  })),

  portMutant('a limit that is too large is a smaller one', 'limits', (limits) => ({
    consume: (key, rule, options) =>
      rule.limit > 10_000
        ? limits.consume(key, { ...rule, limit: 10_000 }, options)
        : limits.consume(key, rule, options),
  })),

  portMutant('a clock that is set back gives units back', 'limits', (limits, store) => {
    let last = 0;
    return {
      async consume(key, rule, options) {
        const now = await timeOf(store);
        if (now < last) await limits.reset(key, rule);
        last = now;
        return limits.consume(key, rule, options);
      },
    };
  }),

  portMutant('an empty window is free again at the epoch', 'limits', (limits) => ({
    async consume(key, rule, options) {
      const decision = await limits.consume(key, rule, options);
      return decision.remaining === 0 && options?.id !== undefined ? { ...decision, resetAt: 0 } : decision;
    },
  })),

  portMutant('a period is over after 30 days, whatever its end', 'budgets', (budgets, store) => {
    const begun = new Map<string, number>();
    return {
      async reserve(request) {
        const now = await timeOf(store);
        for (const { name } of request.scopes) begun.set(name, Math.min(begun.get(name) ?? now, now));
        return budgets.reserve(request);
      },
      async usage(tenantId, names) {
        const now = await timeOf(store);
        const usage = await budgets.usage(tenantId, names);
        return usage.map((one) =>
          now - (begun.get(one.name) ?? now) >= 29 * 86_400_000 ? { ...one, settled: 0 } : one,
        );
      },
    };
  }),

  portMutant('settling again answers what is so by now', 'budgets', (budgets) => ({
    async settle(ref, actual) {
      const result = await budgets.settle(ref, actual);
      if (!result.ok) return result;
      const names = result.value.map(({ name }) => name);
      return { ok: true, value: await budgets.usage(ref.tenantId, names) };
    },
  })),

  portMutant('a release gives back what was settled', 'budgets', (budgets) => {
    const settled = new Map<string, number>();
    return {
      async settle(ref, actual) {
        settled.set(ref.reservationId, actual);
        return budgets.settle(ref, actual);
      },
      async release(ref) {
        const result = await budgets.release(ref);
        const back = settled.get(ref.reservationId) ?? 0;
        if (!result.ok) return result;
        return { ok: true, value: result.value.map((one) => ({ ...one, settled: one.settled - back })) };
      },
    };
  }),

  portMutant('what a lease can not hold of a duration is dropped', 'leases', (leases) => ({
    acquire: (name, holder, ttlMs) => leases.acquire(name, holder, Number.isSafeInteger(ttlMs) ? ttlMs : 1000),
  })),

  portMutant('the whole value of a bad name is repeated', 'leases', (leases) => ({
    async acquire(name, holder, ttlMs) {
      try {
        return await leases.acquire(name, holder, ttlMs);
      } catch (error) {
        if (!(error instanceof StoreError) || error.code !== 'invalid_argument') throw error;
        const { code, backend, operation } = error;
        throw new StoreError({ code, backend, operation, message: `${name} is no name` });
      }
    },
  })),
];
