import { describe, expect, it } from '@jest/globals';
import { SESSION_ID_PATTERN, newSessionId, partitionOf, sessionIdFrom } from './session-id.ts';

const owner = { tenantId: 'acme', subjectId: 'ann' };

describe('session ids', () => {
  it('start with the partition of their owner, so that one slot holds a subject and its sessions', () => {
    const id = newSessionId(owner);
    expect(id).toMatch(SESSION_ID_PATTERN);
    expect(id.slice(0, 2)).toBe(partitionOf('acme', 'ann'));
  });

  it('carry 128 random bits after it', () => {
    expect(Buffer.from(newSessionId(owner).slice(2), 'base64url')).toHaveLength(16);
    expect(new Set(Array.from({ length: 1000 }, () => newSessionId(owner))).size).toBe(1000);
  });

  it('are spread over partitions when nobody owns them', () => {
    const ids = Array.from({ length: 400 }, () => newSessionId({ tenantId: 'acme', subjectId: null }));
    expect(new Set(ids.map((id) => id.slice(0, 2))).size).toBeGreaterThan(100);
    expect(ids.every((id) => SESSION_ID_PATTERN.test(id))).toBe(true);
  });

  it('are the same for the same bytes', () => {
    const bytes = new Uint8Array(32).fill(7);
    expect(sessionIdFrom(owner, bytes)).toBe(sessionIdFrom(owner, bytes));
    expect(sessionIdFrom({ ...owner, subjectId: 'bob' }, bytes)).not.toBe(sessionIdFrom(owner, bytes));
  });

  it('do not confuse tenants and subjects that join to the same text', () => {
    const pairs = [
      ['a', 'b:c'],
      ['a:b', 'c'],
      ['a', 'b,c'],
    ] as const;
    const ids = pairs.map(([tenantId, subjectId]) => partitionOf(tenantId, subjectId));
    expect(new Set(ids).size).toBeGreaterThan(1);
  });
});
