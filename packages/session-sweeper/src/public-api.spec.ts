import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of session-sweeper', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'DEFAULTS',
      'HeldLease',
      'RUNS_NAMESPACE',
      'RunRecords',
      'SWEEP_TARGETS',
      'SessionSweeper',
      'SweeperError',
      'hasRunSucceeded',
      'isRunOver',
    ]);
  });
});
