import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of nest-access', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'ACCESS_ERRORS',
      'AUTH_NAMESPACE',
      'AccessError',
      'Budget',
      'BudgetInterceptor',
      'Caller',
      'CallerToken',
      'DefaultRateLimit',
      'Public',
      'RateLimit',
      'RateLimitGuard',
      'Roles',
      'SessionCookie',
      'TokenGuard',
      'TokenVerifier',
      'consumerOf',
      'observedVerifier',
      'passwordFaults',
      'passwordOptionsOf',
      'passwordVariables',
      'principalOf',
      'tokenFaults',
      'tokenForm',
      'tokenOptionsOf',
      'tokenVariables',
    ]);
  });
});
