import { describe, expect, it } from '@jest/globals';
import type { StoreCapabilities } from './backend.ts';
import { StoreError } from './errors.ts';
import { newSessionId } from './session-id.ts';
import type { NewSession } from './session.ts';
import { Validation } from './validation.ts';

const capabilities = { maxDataBytes: 100 } as StoreCapabilities;
const validation = new Validation('test', capabilities);
const session: NewSession = {
  tenantId: 'acme',
  id: newSessionId({ tenantId: 'acme', subjectId: 'ann' }),
  subjectId: 'ann',
  data: { a: 1 },
  idleTimeoutMs: 1000,
  lifetimeMs: 1000,
};

function refusal(change: Partial<NewSession>): StoreError {
  try {
    validation.newSession('create', { ...session, ...change });
  } catch (error) {
    if (error instanceof StoreError) return error;
  }
  throw new Error('was accepted');
}

describe('Validation', () => {
  it('answers the data as JSON', () => {
    expect(validation.newSession('create', session)).toBe('{"a":1}');
  });

  it.each([
    ['an id of another subject', { subjectId: 'bob' }],
    ['an id that is no id', { id: 'a{b}*' }],
    ['an empty tenant', { tenantId: '' }],
    ['a tenant of 300 characters', { tenantId: 'x'.repeat(300) }],
    ['a tenant with a line break', { tenantId: 'a\nb' }],
    ['half a surrogate pair', { tenantId: '\ud800' }],
    ['a lifetime of nothing', { lifetimeMs: 0 }],
    ['a lifetime in the past', { lifetimeMs: -1 }],
    ['half a millisecond', { idleTimeoutMs: 0.5 }],
    ['a lifetime above 400 days', { lifetimeMs: 34_560_000_001 }],
    ['a verifier that is no digest', { verifier: 'secret' }],
    ['U+0000 in the data', { data: { a: '\u0000' } }],
    ['U+0000 after backslashes in the data', { data: { a: '\\\\\u0000' } }],
    ['a list as data', { data: [] as never }],
    ['a BigInt as data', { data: { a: 1n } as never }],
  ])('refuses %s', (_, change) => {
    const error = refusal(change);
    expect(error).toMatchObject({ code: 'invalid_argument', outcome: 'not_applied', retryable: false });
  });

  it('takes the text that only looks like U+0000 once it is JSON', () => {
    for (const a of ['\\u0000', '\\\\u0000', 'u0000']) {
      expect(JSON.parse(validation.newSession('create', { ...session, data: { a } }))).toEqual({ a });
    }
  });

  it('says how large the data may be', () => {
    expect(refusal({ data: { a: 'x'.repeat(100) } })).toMatchObject({ code: 'too_large' });
  });

  it('never repeats a value in its message', () => {
    expect(refusal({ verifier: 'hunter2' }).message).not.toContain('hunter2');
  });
});
