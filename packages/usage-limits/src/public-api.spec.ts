import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of usage-limits', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'BudgetLedger',
      'MESSAGE_POLICIES',
      'RateLimiter',
      'UsageLimitError',
      'rateLimitHeaders',
    ]);
  });
});
