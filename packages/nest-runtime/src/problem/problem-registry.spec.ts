import { describe, expect, it } from '@jest/globals';
import { ProblemRegistry, problemReference } from './problem-registry.ts';

describe('ProblemRegistry', () => {
  it('refuses a rule for a problem that nobody defined', () => {
    expect(() => new ProblemRegistry({ errors: { 'StoreError.timeout': 'slow_store' } })).toThrow(/slow_store/);
  });

  it('tells two errors with one code apart by their class', () => {
    const registry = new ProblemRegistry({
      problems: { away: { status: 503, title: 'Away', detail: 'Away.' } },
      errors: { 'StoreError.timeout': 'away' },
    });
    const error = Object.assign(new Error('x'), { name: 'OtherError', code: 'timeout' });
    expect(registry.find(error)).toBeUndefined();
    expect(registry.find(Object.assign(error, { name: 'StoreError' }))).toMatchObject({ code: 'away' });
  });

  it('is not fooled by names of Object.prototype', () => {
    expect(new ProblemRegistry().problem('constructor')).toMatchObject({ code: 'internal_error', unexpected: true });
  });

  it('lists every problem in the reference', () => {
    expect(problemReference(new ProblemRegistry())).toContain('| `body_too_large` | 413 |');
  });
});
