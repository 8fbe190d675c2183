import { describe, expect, it } from '@jest/globals';
import { targetOf } from './warehouse-target.ts';

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
    expect(targetOf({ ...none, cluster: 'main' }, { tenantId: '$&', userId: 'x' })).toMatchObject({
      dbUser: 'tenant_$&',
    });
  });
});
