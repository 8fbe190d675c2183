import { describe, expect, it } from '@jest/globals';
import * as adapter from './adapter.ts';
import * as api from './index.ts';

describe('public API of session-store', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'AttemptStore',
      'BudgetStore',
      'Clock',
      'LeaseStore',
      'RETIRED_VERIFIERS_KEPT',
      'RateLimitStore',
      'SESSION_ID_PATTERN',
      'SessionCopies',
      'SessionPoolStore',
      'SessionStore',
      'StoreBackend',
      'StoreError',
      'newSessionId',
      'ok',
      'partitionOf',
      'refused',
      'sessionIdFrom',
      'systemClock',
    ]);
  });

  it('gives adapters these names', () => {
    expect(Object.keys(adapter).sort()).toEqual([
      'LONGEST_LIFETIME_MS',
      'TimeLimit',
      'Validation',
      'databaseLimits',
      'decodeCursor',
      'encodeCursor',
      'isTlsFailure',
      'listName',
      'schemaMigrated',
      'schemaTrouble',
    ]);
  });
});
