import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of session-sweeper', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'DEFAULTS',
      'HeldLease',
      'SWEEP_TARGETS',
      'SessionSweeper',
      'SweeperError',
    ]);
  });
});
