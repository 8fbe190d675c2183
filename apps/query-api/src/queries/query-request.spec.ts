import { describe, expect, it } from '@jest/globals';
import { fingerprintOf, isIdempotencyKey, queryRequest, rowsQuery, waitQuery } from './query-request.ts';

describe('queryRequest', () => {
  it.each([
    [{ sql: 'select 1' }],
    [{ sql: 'select :a', parameters: { a: 1, b: 'x', c: true } }],
    [{ sql: 'select :a', parameters: [{ name: 'a', value: 1.5 }], maxRows: 0, waitSeconds: 0, timeoutSeconds: 0.5 }],
    [{ sql: '', session: 'none', overflow: 'reject' }],
  ])('takes %j', (request) => {
    expect(queryRequest.safeParse(request).success).toBe(true);
  });

  it.each([
    [{}, 'sql'],
    [{ sql: 1 }, 'sql'],
    [{ sql: 'x', query: 'y' }, ''],
    [{ sql: 'x', parameters: { a: null } }, 'parameters'],
    [{ sql: 'x', parameters: { a: [1] } }, 'parameters'],
    [{ sql: 'x', parameters: { a: 2 ** 53 } }, 'parameters/a'],
    [{ sql: 'x', parameters: 'a=1' }, 'parameters'],
    [{ sql: 'x', waitSeconds: 31 }, 'waitSeconds'],
    [{ sql: 'x', waitSeconds: '5' }, 'waitSeconds'],
    [{ sql: 'x', maxRows: -1 }, 'maxRows'],
    [{ sql: 'x', maxRows: 1.5 }, 'maxRows'],
    [{ sql: 'x', timeoutSeconds: 0 }, 'timeoutSeconds'],
    [{ sql: 'x', session: 'mine' }, 'session'],
    [{ sql: 'x', namespace: 'a\0b' }, 'namespace'],
    [{ sql: 'x', namespace: 'a\ud800' }, 'namespace'],
    ['select 1', ''],
    [null, ''],
  ])('refuses %j and says where', (request, where) => {
    expect(queryRequest.safeParse(request).error?.issues.map(({ path }) => path.join('/'))).toEqual([where]);
  });
});

describe('query strings', () => {
  it('takes seconds', () => {
    expect(waitQuery.parse({ waitSeconds: '1.5' })).toEqual({ waitSeconds: 1.5 });
    for (const waitSeconds of ['', '-1', '31', 'x', '1e1'])
      expect(waitQuery.safeParse({ waitSeconds }).success).toBe(false);
  });

  it('takes a limit', () => {
    expect(rowsQuery.parse({ limit: '20' })).toEqual({ limit: 20 });
    for (const limit of ['0', '', '1.5', '100001']) expect(rowsQuery.safeParse({ limit }).success).toBe(false);
  });
});

describe('fingerprintOf', () => {
  const one = fingerprintOf({ sql: 'select :a, :b', parameters: { a: 1, b: 2 } });

  it('is the same for the same work', () => {
    expect(fingerprintOf({ sql: 'select :a, :b', parameters: { b: 2, a: 1 }, waitSeconds: 1, maxRows: 2 })).toBe(one);
    const listed = [
      { name: 'b', value: 2 },
      { name: 'a', value: 1 },
    ];
    expect(fingerprintOf({ sql: 'select :a, :b', parameters: listed })).toBe(one);
  });

  it('tells nothing of a password, and all of the rest of its statement', () => {
    const of = (sql: string): string => fingerprintOf({ sql, namespace: 'sales' });
    expect(of("alter user ann set password 'one secret'")).toBe(of("alter user ann set password 'another'"));
    expect(of("alter user bob set password 'one secret'")).not.toBe(of("alter user ann set password 'one secret'"));
  });

  it.each([
    [{ sql: 'select :a, :c', parameters: { a: 1, b: 2 } }],
    [{ sql: 'select :a, :b', parameters: { a: 1, b: '2' } }],
    [{ sql: 'select :a, :b', parameters: { a: 1, b: 2 }, session: 'none' as const }],
    [{ sql: 'select :a, :b', parameters: { a: 1, b: 2 }, timeoutSeconds: 3 }],
  ])('differs for %j', (request) => {
    expect(fingerprintOf(request)).not.toBe(one);
  });
});

describe('isIdempotencyKey', () => {
  it('takes visible ASCII', () => {
    expect(isIdempotencyKey('"8e03978e-40d5-43e8-bc93-6894a57f9324"')).toBe(true);
    for (const key of ['', 'a b', 'ä', 'x'.repeat(256)]) expect(isIdempotencyKey(key)).toBe(false);
  });
});
