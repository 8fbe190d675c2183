import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of environment-config', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'ConfigError',
      'callerOptionsOf',
      'callerVariables',
      'configReference',
      'describeConfig',
      'environment',
      'folderFaults',
      'loadConfig',
      'portFaults',
      'secretsOf',
      'serverOptionsOf',
      'serverVariables',
      'startOrExplain',
    ]);
  });
});
