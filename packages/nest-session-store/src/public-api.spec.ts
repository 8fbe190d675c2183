import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of nest-session-store', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'BACKENDS',
      'STORE_ERRORS',
      'SessionStoreHealth',
      'SessionStoreModule',
      'StoreSelectionError',
      'explainStoreError',
      'inspectStore',
      'openStore',
      'selectBackend',
      'serverPlace',
      'storeFaults',
      'storeHealthToken',
      'storeMetrics',
      'storeOptionsOf',
      'storePlaceFaults',
      'storeToken',
      'storeVariables',
    ]);
  });
});
