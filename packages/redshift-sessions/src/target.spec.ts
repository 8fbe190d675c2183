import { describe, expect, it } from '@jest/globals';
import { connectionMembers, poolKeyOf } from './target.ts';
import type { WarehouseTarget } from './target.ts';

const cluster: WarehouseTarget = { clusterIdentifier: 'main', database: 'dev', dbUser: 'ann' };
const keyOf = (tenantId: string, target: WarehouseTarget, init: string[] = [], region = 'eu-west-1'): string =>
  JSON.stringify(poolKeyOf(tenantId, target, region, init));

describe('pool keys', () => {
  it('are the same for the same place, person and profile', () => {
    expect(keyOf('acme', { ...cluster })).toBe(keyOf('acme', cluster));
  });

  it('differ in everything that a session must not be shared over', () => {
    const keys = [
      keyOf('acme', cluster),
      keyOf('umbrella', cluster),
      keyOf('acme', { ...cluster, dbUser: 'bob' }),
      keyOf('acme', { clusterIdentifier: 'main', database: 'dev' }),
      keyOf('acme', { clusterIdentifier: 'main', database: 'dev', secretArn: 'ann' }),
      keyOf('acme', { ...cluster, database: 'prod' }),
      keyOf('acme', { ...cluster, clusterIdentifier: 'other' }),
      keyOf('acme', { workgroupName: 'main', database: 'dev' }),
      keyOf('acme', cluster, ['SET a TO 1']),
      keyOf('acme', cluster, [], 'us-east-1'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('never hold a credential', () => {
    const key = keyOf('acme', { clusterIdentifier: 'main', database: 'dev', secretArn: 'arn:aws:secretsmanager:x' });
    expect(key).not.toContain('secretsmanager');
  });
});

describe('connectionMembers', () => {
  it.each([
    ['a secret besides a user', { clusterIdentifier: 'main', database: 'dev', dbUser: 'a', secretArn: 'b' }],
    ['a user on a workgroup', { workgroupName: 'main', database: 'dev', dbUser: 'a' }],
    ['both kinds of place', { workgroupName: 'main', clusterIdentifier: 'main', database: 'dev' }],
    ['no place', { database: 'dev' }],
    ['no database', { clusterIdentifier: 'main', database: '' }],
    ['a name that is none', { clusterIdentifier: 'Main_1', database: 'dev' }],
  ])('refuses %s', (_, target) => {
    expect(() => connectionMembers(target as WarehouseTarget)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });
});
