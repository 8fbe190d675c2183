import { describe, expect, it } from '@jest/globals';
import { hasOwnUser, targetOf } from './warehouse-target.ts';

const none = { workgroup: undefined, cluster: undefined, database: 'dev', secretArn: undefined, dbUser: undefined };
const ann = { tenantId: 'acme', userId: 'ann' };

describe('targetOf', () => {
  it('gives each tenant a database user of its own', () => {
    const settings = { ...none, cluster: 'main' };
    expect(targetOf(settings, ann)).toEqual({ database: 'dev', clusterIdentifier: 'main', dbUser: 'tenant_acme' });
    expect(targetOf({ ...settings, dbUser: 'u_{tenant}' }, ann)).toMatchObject({ dbUser: 'u_acme' });
    expect(targetOf(settings, { ...ann, dbUser: 'reporting' })).toMatchObject({ dbUser: 'reporting' });
  });

  it('puts the tenant into the database and the secret', () => {
    const settings = { ...none, workgroup: 'wg-1', database: 'db_{tenant}', secretArn: 'arn:{tenant}' };
    expect(targetOf(settings, ann)).toEqual({ workgroupName: 'wg-1', database: 'db_acme', secretArn: 'arn:acme' });
  });

  it('takes a tenant as it is', () => {
    expect(targetOf({ ...none, cluster: 'main' }, { tenantId: '$&' })).toMatchObject({
      dbUser: 'tenant_$&',
    });
  });
});

describe('hasOwnUser', () => {
  const cluster = { ...none, cluster: 'main' };
  const cy = (dbUser?: string) => [
    { principal: { tenantId: 'globex', userId: 'cy', ...(dbUser === undefined ? {} : { dbUser }) } },
  ];
  const issued = { ...ann, sessionId: 'ab-session' };

  it('is true of a tenant whose database user nobody else has', () => {
    expect(hasOwnUser(cluster, [], issued)).toBe(true);
    expect(hasOwnUser(cluster, cy(), issued)).toBe(true);
    expect(hasOwnUser(cluster, [{ principal: ann }], issued)).toBe(true);
  });

  it('is false where a token of the configuration gives it to another tenant', () => {
    expect(hasOwnUser(cluster, cy('TENANT_acme'), issued)).toBe(false);
    expect(hasOwnUser(cluster, [{ principal: { tenantId: 'Acme', userId: 'x' } }], issued)).toBe(false);
    expect(hasOwnUser({ ...none, workgroup: 'wg' }, cy('tenant_acme'), issued)).toBe(true);
  });

  it('is false of a tenant that could be spelt in two ways, or leave its quotes', () => {
    for (const tenantId of ['Acme', 'a"b', '', 'a b', 'x'.repeat(64)]) {
      expect(hasOwnUser(cluster, [], { ...issued, tenantId })).toBe(false);
    }
  });

  it('was decided at the start for tokens of the configuration', () => {
    expect(hasOwnUser(cluster, cy('tenant_acme'), ann)).toBe(true);
  });
});
