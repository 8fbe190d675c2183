export { Budget, BudgetInterceptor } from './budget-interceptor.ts';
export type { BudgetUse } from './budget-interceptor.ts';
export { AccessError } from './errors.ts';
export type { AccessErrorCode } from './errors.ts';
export { RateLimit, RateLimitGuard, consumerOf } from './rate-limit-guard.ts';
export { SessionCookie } from './session-cookie.ts';
export type { SessionCookieOptions } from './session-cookie.ts';
export { Caller, CallerToken, Public, Roles, TokenGuard, TokenVerifier, principalOf } from './token-guard.ts';
