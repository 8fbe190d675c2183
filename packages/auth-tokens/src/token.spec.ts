import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { newSessionId } from '@mooring/session-store';
import { assert, property, string } from 'fast-check';
import { digestOf, formatToken, newVerifier, parseToken, sessionLabel } from './token.ts';

const parts = () => {
  const owner = { tenantId: 'acme', subjectId: 'ann' };
  return { tenantId: 'acme', id: newSessionId(owner), verifier: newVerifier() };
};

describe('a token', () => {
  it('says what it was made of', () => {
    for (const tenantId of ['acme', 'ünïcode/租户', 'a.b_c', 'x'.repeat(256), '租'.repeat(256)]) {
      const made = { ...parts(), tenantId };
      expect(parseToken('mrg', formatToken('mrg', made))).toEqual(made);
    }
  });

  it('has a prefix that scanners for secrets find, and fits into a header', () => {
    const token = formatToken('mrg', parts());
    expect(token).toMatch(/^mrg_[A-Za-z0-9_-]+\.[0-9a-f]{2}[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{49}$/);
    expect(token.length).toBeLessThan(100);
  });

  it('with any character changed, cut off or added is none', () => {
    const token = formatToken('mrg', parts());
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(parseToken('mrg', token.slice(0, at) + other + token.slice(at + 1))).toBeUndefined();
      expect(parseToken('mrg', token.slice(0, at))).toBeUndefined();
      expect(parseToken('mrg', `${token.slice(0, at)} ${token.slice(at)}`)).toBeUndefined();
    }
    for (const added of [`${token}A`, ` ${token}`, `${token}\r\nX-Injected: 1`, `${token}\u0000`]) {
      expect(parseToken('mrg', added)).toBeUndefined();
    }
  });

  it('of another prefix, too long, or no text is none', () => {
    const token = formatToken('mrg', parts());
    for (const junk of [token.replace('mrg', 'xyz'), 'mrg_', '', 'a'.repeat(10_000), undefined, null, 7, {}, [token]]) {
      expect(parseToken('mrg', junk)).toBeUndefined();
    }
    expect(parseToken('mr', token)).toBeUndefined();
  });

  it('of a tenant that no store can have is none', () => {
    for (const tenantId of ['', 'a\u0000b', 'a\nb', 'x'.repeat(257)]) {
      expect(parseToken('mrg', formatToken('mrg', { ...parts(), tenantId }))).toBeUndefined();
    }
  });

  it('is not made by chance', () => {
    assert(
      property(string({ maxLength: 120 }), (text) => {
        expect(parseToken('mrg', `mrg_${text}`)).toBeUndefined();
      }),
    );
  });

  it('has a secret of 256 bits of which only the hash is stored', () => {
    const verifier = newVerifier();
    expect(Buffer.from(verifier, 'base64url')).toHaveLength(32);
    expect(digestOf(verifier)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(digestOf(verifier)).not.toBe(verifier);
    expect(newVerifier()).not.toBe(verifier);
  });

  it('has a label for logs that is not its id', () => {
    const id = randomBytes(16).toString('base64url');
    expect(sessionLabel(id)).toHaveLength(12);
    expect(id).not.toContain(sessionLabel(id));
    expect(sessionLabel(id)).toBe(sessionLabel(id));
  });
});
