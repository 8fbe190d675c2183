import { describe, expect, it } from '@jest/globals';
import type { Call, Specification } from './call.ts';
import { checkHistory } from './checker.ts';
import { LONG_MS, leaseSpecification } from './lease-specification.ts';
import type { LeaseAnswer, LeaseAsked } from './lease-specification.ts';
import { poolSpecification } from './pool-specification.ts';
import type { PoolAnswer, PoolAsked } from './pool-specification.ts';
import { sessionSpecification } from './session-specification.ts';
import type { SessionAnswer, SessionAsked } from './session-specification.ts';

type Line<Asked, Answer> = readonly [Asked, Answer | 'lost'];

/** Whether calls may come out so: one after the other, with lost ones that may take effect at any later time. */
function verdictOf<State, Asked, Answer>(
  specification: Specification<State, Asked, Answer>,
  lines: readonly Line<Asked, Answer>[],
): string {
  const calls = lines.map(([asked, answer], index): Call<Asked, Answer> => {
    const at = { client: 'one', on: 'it', asked, begin: index * 2 };
    return answer === 'lost' ? { ...at, end: Infinity, answer: undefined } : { ...at, end: index * 2 + 1, answer };
  });
  return checkHistory(specification, calls).is;
}

describe('a session', () => {
  const create = (value: string): SessionAsked => ({ do: 'create', value });
  const update = (expectedVersion: number, value: string): SessionAsked => ({ do: 'update', expectedVersion, value });
  const get: SessionAsked = { do: 'get' };
  const touch: SessionAsked = { do: 'touch' };
  const revoke: SessionAsked = { do: 'revoke' };
  const is = (version: number, value: string): SessionAnswer => ({ version, value });
  const refused = (reason: string): SessionAnswer => ({ refused: reason });
  const made: Line<SessionAsked, SessionAnswer> = [create('a'), is(1, 'a')];
  const ended: Line<SessionAsked, SessionAnswer> = [revoke, { revokedAt: 7 }];

  it.each<[string, readonly Line<SessionAsked, SessionAnswer>[]]>([
    ['a life', [[get, refused('not_found')], made, [update(1, 'b'), is(2, 'b')], [touch, is(2, 'b')], ended, ended]],
    ['a conflict', [made, [update(1, 'b'), is(2, 'b')], [update(1, 'c'), refused('conflict')]]],
    ['a place that is taken again', [made, ended, [update(1, 'b'), refused('revoked')], [create('c'), is(2, 'c')]]],
    ['a lost update that came', [made, [update(1, 'b'), 'lost'], [get, is(1, 'a')], [get, is(2, 'b')]]],
    [
      'a lost creation',
      [
        [create('a'), 'lost'],
        [create('b'), refused('exists')],
        [get, is(1, 'a')],
      ],
    ],
    ['a lost end', [made, [revoke, 'lost'], [get, refused('revoked')], [revoke, { revokedAt: 3 }]]],
  ])('may have: %s', (_, lines) => expect(verdictOf(sessionSpecification, lines)).toBe('linearizable'));

  it.each<[string, readonly Line<SessionAsked, SessionAnswer>[]]>([
    ['a lost update', [made, [update(1, 'b'), is(2, 'b')], [update(1, 'c'), is(2, 'c')]]],
    ['a stale read', [made, [update(1, 'b'), is(2, 'b')], [get, is(1, 'a')]]],
    ['a stale read by a touch', [made, [update(1, 'b'), is(2, 'b')], [touch, is(1, 'a')]]],
    ['a resurrection', [made, ended, [get, is(1, 'a')]]],
    ['a resurrection by an update', [made, ended, [update(1, 'b'), is(2, 'b')]]],
    ['an end that others never see', [made, [revoke, 'lost'], [get, refused('revoked')], [get, is(1, 'a')]]],
    ['two creations', [made, [create('b'), is(1, 'b')]]],
    ['a version that comes again', [made, ended, [create('c'), is(1, 'c')]]],
    ['an end at two times', [made, ended, [revoke, { revokedAt: 8 }]]],
    ['a conflict with nobody', [made, [update(1, 'b'), refused('conflict')]]],
    ['a session that is gone', [made, [get, refused('not_found')]]],
  ])('never has: %s', (_, lines) => expect(verdictOf(sessionSpecification, lines)).toBe('impossible'));
});

describe('a lease', () => {
  const brief = 20;
  const acquire = (holder: string, ttlMs = LONG_MS): LeaseAsked => ({ do: 'acquire', holder, ttlMs });
  const renew = (holder: string, token: number, ttlMs = LONG_MS): LeaseAsked => ({ do: 'renew', holder, token, ttlMs });
  const release = (holder: string, token: number): LeaseAsked => ({ do: 'release', holder, token });
  const fence = (token: number): LeaseAsked => ({ do: 'fence', token });
  const until = (token: number, at: number, ttlMs = LONG_MS): LeaseAnswer => ({ token, expiresAt: at + ttlMs });
  const refused = (reason: string): LeaseAnswer => ({ refused: reason });
  const done: LeaseAnswer = { done: true };

  it.each<[string, readonly Line<LeaseAsked, LeaseAnswer>[]]>([
    [
      'one holder',
      [
        [acquire('a'), until(1, 0)],
        [acquire('b'), refused('held')],
        [renew('a', 1), until(1, 9)],
      ],
    ],
    [
      'a holder that asks again',
      [
        [acquire('a'), until(1, 0)],
        [acquire('a'), until(1, 5)],
      ],
    ],
    [
      'a next one',
      [
        [acquire('a'), until(1, 0)],
        [release('a', 1), done],
        [acquire('b'), until(2, 3)],
      ],
    ],
    [
      'an end by time',
      [
        [acquire('a', brief), until(1, 0, brief)],
        [acquire('b'), until(2, 20)],
        [renew('a', 1), refused('lost')],
      ],
    ],
    [
      'a late return',
      [
        [acquire('a', brief), until(1, 0, brief)],
        [acquire('a'), until(2, 20)],
      ],
    ],
    [
      'a lost taking',
      [
        [acquire('a'), 'lost'],
        [acquire('b'), refused('held')],
        [acquire('a'), until(4, 9)],
      ],
    ],
    [
      'a lost release',
      [
        [acquire('a'), until(1, 0)],
        [release('a', 1), 'lost'],
        [acquire('b'), until(2, 3)],
      ],
    ],
    [
      'a fence',
      [
        [acquire('a', brief), until(1, 0, brief)],
        [acquire('b'), until(2, 30)],
        [fence(2), done],
        [fence(1), refused('stale')],
      ],
    ],
  ])('may have: %s', (_, lines) => expect(verdictOf(leaseSpecification, lines)).toBe('linearizable'));

  it.each<[string, readonly Line<LeaseAsked, LeaseAnswer>[]]>([
    [
      'two holders',
      [
        [acquire('a'), until(1, 0)],
        [acquire('b'), until(2, 1)],
      ],
    ],
    [
      'a holder before the other has ended',
      [
        [acquire('a', brief), until(1, 0, brief)],
        [acquire('b'), until(2, 19)],
      ],
    ],
    [
      'a token that comes again',
      [
        [acquire('a'), until(1, 0)],
        [release('a', 1), done],
        [acquire('b'), until(1, 3)],
      ],
    ],
    [
      'a token that shrinks',
      [
        [acquire('a'), until(5, 0)],
        [release('a', 5), done],
        [acquire('b'), until(4, 3)],
      ],
    ],
    [
      'a holder whose token changes',
      [
        [acquire('a'), until(1, 0)],
        [acquire('a'), until(2, 5)],
      ],
    ],
    [
      'a holder who comes back late with its token',
      [
        [acquire('a', brief), until(1, 0, brief)],
        [acquire('a'), until(1, 20)],
      ],
    ],
    [
      'a renewal after the end',
      [
        [acquire('a', brief), until(1, 0, brief)],
        [renew('a', 1), until(1, 20)],
      ],
    ],
    [
      'a renewal of what another has',
      [
        [acquire('a', brief), until(1, 0, brief)],
        [acquire('b'), until(2, 20)],
        [renew('a', 1), until(1, 21)],
      ],
    ],
    [
      'a release of what another has',
      [
        [acquire('a', brief), until(1, 0, brief)],
        [acquire('b'), until(2, 20)],
        [release('a', 1), done],
      ],
    ],
    [
      'a refusal of a free one',
      [
        [acquire('a'), until(1, 0)],
        [release('a', 1), done],
        [acquire('b'), refused('held')],
      ],
    ],
    [
      'a holder who loses it for nothing',
      [
        [acquire('a'), until(1, 0)],
        [renew('a', 1), refused('lost')],
      ],
    ],
    [
      'a fence that lets the former pass',
      [
        [acquire('a', brief), until(1, 0, brief)],
        [acquire('b'), until(2, 30)],
        [fence(2), done],
        [fence(1), done],
      ],
    ],
    [
      'a fence that stops the only one',
      [
        [acquire('a'), until(1, 0)],
        [fence(1), refused('stale')],
      ],
    ],
  ])('never has: %s', (_, lines) => expect(verdictOf(leaseSpecification, lines)).toBe('impossible'));
});

describe('a pool', () => {
  const pool = poolSpecification({ maxPerKey: 1, maxPerTarget: 2 });
  const acquire = (leaseId: string, identity = 'reader'): PoolAsked => ({ do: 'acquire', leaseId, identity });
  const on = (kind: 'renew' | 'release' | 'discard', leaseId: string, slotId = 's', token = 1): PoolAsked => ({
    do: kind,
    lease: { leaseId, slotId, token },
  });
  const register = (leaseId: string): PoolAsked => ({
    do: 'register',
    lease: { leaseId, slotId: 's', token: 1 },
    sessionId: 'open',
  });
  const slot = (slotId: string, sessionId: string | null, token: number): PoolAnswer => ({
    slotId,
    sessionId,
    token,
    recovered: false,
  });
  const refused = (reason: string): PoolAnswer => ({ refused: reason });
  const done: PoolAnswer = { done: true };
  const opened: readonly Line<PoolAsked, PoolAnswer>[] = [
    [acquire('a'), slot('s', null, 1)],
    [register('a'), done],
  ];
  const idle: readonly Line<PoolAsked, PoolAnswer>[] = [...opened, [on('release', 'a'), done]];

  it.each<[string, readonly Line<PoolAsked, PoolAnswer>[]]>([
    [
      'a session that is used again',
      [...idle, [acquire('b'), slot('s', 'open', 2)], [on('renew', 'a'), refused('lost')]],
    ],
    [
      'full caps',
      [
        ...opened,
        [acquire('b'), refused('key_full')],
        [acquire('c', 'writer'), slot('t', null, 1)],
        [acquire('d', 'third'), refused('target_full')],
      ],
    ],
    ['a slot that is free at once', [...opened, [on('discard', 'a'), done], [acquire('b'), slot('t', null, 1)]]],
    ['a retry', [...opened, [acquire('a'), slot('s', 'open', 1)]]],
    [
      'a lost taking, and its retry',
      [
        [acquire('a'), 'lost'],
        [acquire('b'), refused('key_full')],
        [acquire('a'), slot('s', null, 1)],
      ],
    ],
    ['a lost release', [...opened, [on('release', 'a'), 'lost'], [acquire('b'), slot('s', 'open', 2)]]],
  ])('may have: %s', (_, lines) => expect(verdictOf(pool, lines)).toBe('linearizable'));

  it.each<[string, readonly Line<PoolAsked, PoolAnswer>[]]>([
    ['a session with two holders', [...opened, [acquire('b'), slot('s', 'open', 2)]]],
    ['more than a key may have', [...opened, [acquire('b'), slot('t', null, 1)]]],
    [
      'more than the target may have',
      [...opened, [acquire('b', 'x'), slot('t', null, 1)], [acquire('c', 'y'), slot('u', null, 1)]],
    ],
    ['a session of another key', [...idle, [acquire('b', 'writer'), slot('s', 'open', 2)]]],
    ['a token that comes again', [...idle, [acquire('b'), slot('s', 'open', 1)]]],
    ['a session that is opened though one is idle', [...idle, [acquire('b'), slot('t', null, 1)]]],
    [
      'a session that is recovered from its holder',
      [...opened, [acquire('b'), { ...slot('s', 'open', 2), recovered: true }]],
    ],
    ['a retry that gets another', [...opened, [acquire('a'), slot('t', null, 1)]]],
    ['a slot that is given back twice', [...idle, [on('release', 'a'), done]]],
    ['a closed session', [...opened, [on('discard', 'a'), done], [acquire('b'), slot('s', 'open', 2)]]],
    ['a refusal with room', [[acquire('a'), refused('key_full')]]],
    ['a lost lease that its holder has', [...opened, [on('renew', 'a'), refused('lost')]]],
  ])('never has: %s', (_, lines) => expect(verdictOf(pool, lines)).toBe('impossible'));
});
