import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of auth-api', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual(['AuthApiModule', 'configSchema', 'problems', 'readConfig', 'serve']);
  });
});
