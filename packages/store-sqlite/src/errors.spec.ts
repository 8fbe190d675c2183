import { describe, expect, it } from '@jest/globals';
import { StoreError } from '@mooring/session-store';
import { translate } from './errors.ts';
import { isBusy } from './file/result-code.ts';

describe('a result of SQLite', () => {
  it.each([
    [5, 'timeout', true, 'not_applied', 'not_applied'],
    [261, 'timeout', true, 'not_applied', 'not_applied'],
    [7, 'unavailable', true, 'not_applied', 'not_applied'],
    [8, 'misconfigured', false, 'not_applied', 'not_applied'],
    [778, 'unavailable', true, 'not_applied', 'unknown'],
    [11, 'corrupt', false, 'not_applied', 'not_applied'],
    [13, 'unavailable', true, 'not_applied', 'not_applied'],
    [14, 'misconfigured', false, 'not_applied', 'not_applied'],
    [18, 'too_large', false, 'not_applied', 'not_applied'],
    [1555, 'conflict', false, 'not_applied', 'not_applied'],
    [26, 'corrupt', false, 'not_applied', 'not_applied'],
    [99, 'unavailable', false, 'not_applied', 'unknown'],
  ] as const)('%i is %s', (errcode, code, retryable, outcome, atCommit) => {
    expect(translate('sessions.create', { errcode })).toMatchObject({ code, retryable, outcome });
    expect(translate('sessions.create', { errcode }, 'commit')).toMatchObject({ code, outcome: atCommit });
  });

  it('is busy when the same statement may succeed later', () => {
    expect([5, 6, 15, 261, 517, 8, 13].map((errcode) => isBusy({ errcode }))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(isBusy(new Error('database is locked'))).toBe(false);
  });
});

it('a number that JavaScript would round makes its record corrupt', () => {
  const cause = Object.assign(new Error('Value is too large'), { code: 'ERR_OUT_OF_RANGE' });
  expect(translate('sessions.get', cause)).toMatchObject({ code: 'corrupt', retryable: false });
});

it('an error of the store is not wrapped again', () => {
  const error = new StoreError({ code: 'closed', message: 'm', backend: 'sqlite', operation: 'o' });
  expect(translate('sessions.get', error)).toBe(error);
});

it('any other error is told without its text', () => {
  const error = translate('sessions.get', new TypeError('canary'));
  expect(error).toMatchObject({ code: 'unavailable', retryable: false });
  expect(`${error.message} ${String(error.cause)} ${JSON.stringify(error.cause)}`).not.toContain('canary');
});
