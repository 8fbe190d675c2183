import { describe, expect, it } from '@jest/globals';
import type { AttemptKey } from './attempts.ts';
import type { StoreCapabilities, SweepRequest } from './backend.ts';
import type { BudgetRequest } from './budgets.ts';
import { StoreError } from './errors.ts';
import { encodeCursor, listName } from './page-cursor.ts';
import { newSessionId } from './session-id.ts';
import type { PoolLease } from './session-pool.ts';
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
    ['what is a text in JSON as data', { data: new Date(0) as never }],
    ['what is nothing in JSON as data', { data: { toJSON: () => undefined } as never }],
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

const rule = { limit: 10, windowMs: 1000 };
const limit = { tenantId: 'acme', name: 'messages' };
const policy = { limit: 5, windowMs: 1000, lockStepsMs: [1000], resetAfterMs: 1000 };
const attempt: AttemptKey = { scope: 'account', value: 'ann', policy };
const scope = { name: 'tenant:acme', limit: 1, endsAt: 1 };
const budget: BudgetRequest = { tenantId: 'acme', reservationId: 'r1', scopes: [scope], amount: 1, ttlMs: 1000 };
const key = { target: 'wg', tenantId: 'acme', identity: 'ann' };
const lease = { key, slotId: 's', leaseId: 'l', fencingToken: 1 } as PoolLease;
const other = { ...lease, key: { ...key, target: 'other' } };
const lifetime = { usableForMs: 0, aliveForMs: 0 };

describe('the bounds of every store', () => {
  it.each<readonly [string, string, () => unknown]>([
    ['a limit above 10,000', 'limit must be', () => validation.limit('peek', limit, { ...rule, limit: 10_001 })],
    ['a cost above its limit', 'cost must be', () => validation.consumption('consume', limit, rule, { cost: 11 })],
    ['an empty id', 'id must be', () => validation.consumption('consume', limit, rule, { id: '' })],
    ['keys that are no list', 'keys must be', () => validation.attempts('check', 'acme', attempt as never)],
    [
      '17 keys',
      'keys.length',
      () =>
        validation.attempts(
          'check',
          'acme',
          Array.from({ length: 17 }, () => attempt),
        ),
    ],
    ['no key', 'keys.length', () => validation.attempts('check', 'acme', [])],
    [
      'another scope',
      'scope must be',
      () => validation.attempts('check', 'acme', [{ ...attempt, scope: 'x' as never }]),
    ],
    [
      '33 scopes',
      'scopes.length',
      () =>
        validation.budgetScopes(
          'usage',
          Array.from({ length: 33 }, (_, i) => `s${i}`),
        ),
    ],
    ['a scope twice', 'named twice', () => validation.budgetRequest('reserve', { ...budget, scopes: [scope, scope] })],
    ['half a cent', 'amount must be', () => validation.budgetRequest('reserve', { ...budget, amount: 0.5 })],
    ['a lease without end', 'ttlMs must be', () => validation.leaseRequest('acquire', 'n', 'h', Infinity)],
    ['a fence below 0', 'fence.fencingToken', () => sweepOf({ fence: { lease: 'n', fencingToken: -1 } })],
    ['what no store sweeps', 'target is not', () => sweepOf({ target: 'toString' as never })],
    ['leases of two targets', 'of one target', () => renew([lease, other])],
  ])('%s is refused', (_, words, call) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining(words) }),
    );
  });

  it('renewals tell their target', () => {
    expect(renew([lease, lease])).toBe('wg');
    expect(renew([])).toBeUndefined();
  });

  it('a page starts where its cursor says, and a cursor of another list is refused', () => {
    const list = listName('sessions', 'acme', null);
    const page = { limit: 10, cursor: encodeCursor(list, [5, 'a']) };
    expect(validation.position('list', list, page, [0, ''])).toEqual([5, 'a']);
    expect(validation.position('list', list, { limit: 10 }, [0, ''])).toEqual([0, '']);
    for (const refused of [
      () => validation.position('list', listName('sessions', 'acme', 'ann'), page, [0, '']),
      () => validation.position('list', list, page, ['', '']),
      () => validation.position('list', list, page, [0]),
      () => validation.position('list', list, { limit: 10, cursor: 'x' }, [0, '']),
      () => validation.position('list', list, { limit: 10, cursor: encodeCursor(list, [0.5, 'a']) }, [0, '']),
    ]) {
      expect(refused).toThrow('cursor is not one of this list');
    }
  });
});

function sweepOf(change: Partial<SweepRequest>): void {
  validation.sweep({ target: 'sessions', limit: 10, ...change });
}

function renew(leases: readonly PoolLease[]): string | undefined {
  return validation.poolRenewals(
    'renew',
    leases.map((one) => ({ lease: one, lifetime })),
    1000,
  );
}
