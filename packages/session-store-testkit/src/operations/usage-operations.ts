import type { AttemptKey, BudgetRequest, LimitRule, StoreBackend } from '@mooring/session-store';
import { accepted } from '../expectations.ts';
import type { Operation } from './operations.ts';

const RULE: LimitRule = { limit: 3, windowMs: 60_000 };
const POLICY = { limit: 5, windowMs: 60_000, lockStepsMs: [60_000], resetAfterMs: 60_000 };

export async function usageOperations(
  store: StoreBackend,
  word: string,
  now: number,
): Promise<Readonly<Record<string, Operation['run']>>> {
  const tenantId = `tenant-${word}`;
  const key = { tenantId, name: `messages-${word}` };
  const keys = (['ip', 'account', 'account_ip'] as const).map((scope): AttemptKey => ({
    scope,
    value: `value-${word}`,
    policy: POLICY,
  }));
  const names = [`one-${word}`, `two-${word}`];
  const request = (reservationId: string, amount = 10): BudgetRequest => ({
    tenantId,
    scopes: names.map((name) => ({ name, limit: 100, endsAt: now + 60_000 })),
    amount,
    ttlMs: 60_000,
    reservationId: `${reservationId}-${word}`,
  });
  const [settled, released] = [request('settled'), request('released')];
  accepted(await store.budgets.reserve(settled));
  accepted(await store.budgets.reserve(released));
  return {
    'limits.consume': ({ limits }) => limits.consume(key, RULE),
    'limits.consume with an id': ({ limits }) => limits.consume(key, RULE, { id: `id-${word}`, cost: 2 }),
    'limits.consume with an id again': ({ limits }) => limits.consume(key, RULE, { id: `id-${word}`, cost: 2 }),
    'limits.consume past the limit': ({ limits }) => limits.consume(key, RULE),
    'limits.peek': ({ limits }) => limits.peek(key, RULE),
    'limits.reset': ({ limits }) => limits.reset(key, RULE),
    'attempts.check': ({ attempts }) => attempts.check(tenantId, keys),
    'attempts.recordFailure': ({ attempts }) => attempts.recordFailure(tenantId, keys, { id: `id-${word}` }),
    'attempts.recordSuccess': ({ attempts }) => attempts.recordSuccess(tenantId, keys),
    'budgets.reserve': ({ budgets }) => budgets.reserve(request('reserved')),
    'budgets.reserve again': ({ budgets }) => budgets.reserve(request('reserved')),
    'budgets.reserve past the limit': ({ budgets }) => budgets.reserve(request('exceeding', 100)),
    'budgets.settle': ({ budgets }) => budgets.settle(settled, 5),
    'budgets.release': ({ budgets }) => budgets.release(released),
    'budgets.usage': ({ budgets }) => budgets.usage(tenantId, names),
  };
}
