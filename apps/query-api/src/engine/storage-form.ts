import type { StorageForm } from '@mooring/engine-redshift';
import { DEFAULT_DB_USER } from '../warehouse-target.ts';
import type { TargetSettings } from '../warehouse-target.ts';

const TENANT = '{tenant}';

/**
 * The storages of type redshift that there may be: in the warehouse of the configuration, where its user or its secret is
 * the tenant's own. Undefined where it is one for all.
 */
export function storageFormOf(settings: TargetSettings): StorageForm | undefined {
  const { workgroup, cluster, database, secretArn } = settings;
  const dbUser = cluster !== undefined && secretArn === undefined ? (settings.dbUser ?? DEFAULT_DB_USER) : undefined;
  if (![workgroup, cluster, secretArn, dbUser].some((name) => name?.includes(TENANT) === true)) return undefined;
  return {
    database,
    ...(workgroup === undefined ? {} : { workgroup }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(secretArn === undefined ? {} : { secret_arn: secretArn }),
    ...(dbUser === undefined ? {} : { db_user: dbUser }),
  };
}
