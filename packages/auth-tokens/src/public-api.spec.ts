import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of auth-tokens', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'AuthTokenError',
      'AuthTokens',
      'CachedTokens',
      'LoginGuard',
      'PLAIN_LIFETIME',
      'TrustedProxies',
      'addressKey',
      'sessionLabel',
    ]);
  });
});
