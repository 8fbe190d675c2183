import { expect, it } from '@jest/globals';
import * as api from './index.ts';

it('exports these names', () => {
  expect(Object.keys(api).sort()).toEqual([
    'MUTANTS',
    'ManualClock',
    'TOPICS',
    'checkHistory',
    'conformance',
    'countDue',
    'countLive',
    'crashConformance',
    'createSessions',
    'documented',
    'failedChecks',
    'linearizability',
    'preparedOperations',
    'processConformance',
    'readTable',
    'replaced',
  ]);
});
