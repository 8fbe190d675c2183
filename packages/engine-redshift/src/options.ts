import type { Clock, SessionPoolStore } from '@mooring/session-store';
import type { DataApi, WarehouseObserver, WarehouseOptions } from '@mooring/redshift-sessions';

/** Where a storage is, as `CREATE STORAGE` says it. `{tenant}` in a text stands for the tenant's id. */
export interface StorageForm {
  readonly cluster?: string;
  readonly workgroup?: string;
  readonly database: string;
  /** Of a cluster, with temporary credentials. */
  readonly db_user?: string;
  /** Name or ARN of a secret, which holds the database user and its password. */
  readonly secret_arn?: string;
}

export interface RedshiftEngineOptions {
  readonly api: DataApi;
  /** Shared by all processes: slots of the sessions. */
  readonly pool: SessionPoolStore;
  /**
   * The storages that may be: those with the same options, once `{tenant}` is filled in, and no others. In each, the
   * tenant is a part of the database user, the secret, the cluster or the workgroup: that is what keeps tenants apart.
   */
  readonly storages: readonly StorageForm[];
  /** Of the sessions of each namespace. `initStatements` run before those of the engine. */
  readonly sessions?: Partial<WarehouseOptions>;
  readonly observer?: WarehouseObserver;
  /** Replaces the process's clock, for tests. */
  readonly clock?: Clock;
}
