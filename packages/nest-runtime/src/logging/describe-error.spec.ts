import { describe, expect, it } from '@jest/globals';
import { describeError } from './describe-error.ts';

describe('describeError', () => {
  it('has the name, code, message and frames of an error', () => {
    const described = describeError(Object.assign(new TypeError('no such thing'), { code: 'gone', sql: 'select 1' }));
    expect(described).toEqual({ name: 'TypeError', code: 'gone', message: 'no such thing', stack: expect.any(String) });
    expect(described.stack).toMatch(/^at /);
    expect(described.stack).not.toContain('no such thing');
  });

  it('takes what a driver quotes out of its message', () => {
    const driver = new Error("Value 'select 'canary' from t' at 'sql' failed to satisfy constraint");
    const described = describeError(new Error('refused', { cause: driver }));
    expect(described.cause).toEqual({ name: 'Error', message: 'Value … failed to satisfy constraint' });
  });

  it('follows causes, but not for ever', () => {
    const looped = new Error('loop');
    looped.cause = looped;
    expect(JSON.stringify(describeError(looped)).match(/"loop"/g)).toHaveLength(5);
  });

  it('says nothing of a value that is no error', () => {
    expect(describeError({ password: 'hunter2' })).toEqual({
      name: 'object',
      message: 'a value that is no Error was thrown',
    });
  });
});
