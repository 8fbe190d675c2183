import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of environment-config', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'ConfigError',
      'configReference',
      'describeConfig',
      'environment',
      'folderFaults',
      'loadConfig',
      'portFaults',
      'secretsOf',
      'startOrExplain',
    ]);
  });
});
