import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { findPrincipal, parseTokens } from './api-tokens.ts';

const LONG = 'k3y-AbCdEfGhIjKlMnOp';

describe('parseTokens', () => {
  it('reads tokens and their owners', () => {
    const padded = 'c2VjcmV0LXNlY3JldA==';
    const { tokens, faults } = parseTokens(
      `${LONG}=acme/ann, ${padded}=acme/bob/reporting\n another~token.123+/=globex/cy`,
    );
    expect(faults).toEqual([]);
    expect(tokens.map(({ principal }) => principal)).toEqual([
      { tenantId: 'acme', userId: 'ann' },
      { tenantId: 'acme', userId: 'bob', dbUser: 'reporting' },
      { tenantId: 'globex', userId: 'cy' },
    ]);
    expect(findPrincipal(tokens, padded)?.userId).toBe('bob');
  });

  it('reads a hash in place of a token', () => {
    const hash = createHash('sha256').update(LONG).digest('hex');
    const { tokens } = parseTokens(`sha256:${hash.toUpperCase()}=acme/ann`);
    expect(findPrincipal(tokens, LONG)).toEqual({ tenantId: 'acme', userId: 'ann' });
    expect(findPrincipal(tokens, `sha256:${hash}`)).toBeUndefined();
  });

  it.each([
    ['nothing', '', 'must have at least one entry'],
    ['a token alone', LONG, 'entry 1 has no "="'],
    ['a short token', 'short=acme/ann', 'entry 1 has a token that is shorter'],
    ['no user', `${LONG}=acme`, 'entry 1 must name its owner'],
    ['a part too many', `${LONG}=a/b/c/d`, 'entry 1 must name its owner'],
    ['an empty tenant', `${LONG}=/ann`, 'entry 1 has an owner with characters'],
    ['a quote in a name', `${LONG}=acme/a"b`, 'entry 1 has an owner with characters'],
    ['a token twice', `${LONG}=acme/ann,${LONG}=globex/bob`, 'entry 2 has the token of an entry before'],
  ])('refuses %s without repeating it', (_, value, fault) => {
    const { faults } = parseTokens(value);
    expect(faults).toEqual([expect.stringContaining(fault)]);
    expect(faults.join()).not.toContain(LONG);
  });

  it('knows nobody by a wrong token', () => {
    const { tokens } = parseTokens(`${LONG}=acme/ann`);
    for (const token of ['', LONG.slice(1), `${LONG}x`, LONG.toLowerCase()]) {
      expect(findPrincipal(tokens, token)).toBeUndefined();
    }
  });
});
