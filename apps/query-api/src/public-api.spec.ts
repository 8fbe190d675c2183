import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of query-api', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual(['QueryApiModule', 'configSchema', 'problems', 'readConfig', 'serve']);
  });
});
