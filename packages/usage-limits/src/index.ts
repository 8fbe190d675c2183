export { BudgetLedger } from './budget-ledger.ts';
export type { BudgetLedgerParts, BudgetPolicy, BudgetState, SpendRequest, Spending } from './budget-ledger.ts';
export type { BudgetPeriod } from './budget-period.ts';
export type { Consumer, ConsumerScope } from './consumer.ts';
export { UsageLimitError } from './errors.ts';
export { rateLimitHeaders } from './rate-limit-headers.ts';
export { MESSAGE_POLICIES, RateLimiter } from './rate-limiter.ts';
export type { PolicyDecision, RateDecision, RatePolicy, TakeOptions } from './rate-limiter.ts';
