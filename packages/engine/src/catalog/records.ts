import type { EpochMs } from '@mooring/session-store';

export type StorageType = 'duckdb' | 'parquet' | 'redshift';

/** Who of a tenant may read a table: private its owner, restricted services and above, public everybody. */
export type AccessLevel = 'private' | 'restricted' | 'public';

interface Versioned {
  /** 1 when created; a change names the version that it changes. */
  readonly version: number;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

/** Where data lives. Names are unique in a tenant; credentials are references (a secret's ARN), never values. */
export interface StorageRecord extends Versioned {
  readonly kind: 'storage';
  readonly tenantId: string;
  readonly name: string;
  readonly type: StorageType;
  readonly description: string;
  /** By name, as `CREATE STORAGE … WORKGROUP 'w' DATABASE 'd'` gives them: `{ workgroup: 'w', database: 'd' }`. */
  readonly options: Readonly<Record<string, string>>;
}

export interface NamespaceRecord extends Versioned {
  readonly kind: 'namespace';
  readonly tenantId: string;
  readonly name: string;
  readonly storage: string;
  readonly ownerId: string;
  readonly description: string;
}

export interface TableRecord extends Versioned {
  readonly kind: 'table';
  readonly tenantId: string;
  readonly namespace: string;
  readonly name: string;
  readonly isView: boolean;
  readonly ownerId: string;
  readonly access: AccessLevel;
}

export type Privilege = 'select' | 'insert' | 'update' | 'delete';

/** What a user or everybody with a role may do with a table, beyond its access level. */
export interface GrantRecord extends Versioned {
  readonly kind: 'grant';
  readonly tenantId: string;
  readonly namespace: string;
  readonly table: string;
  readonly grantee: { readonly userId: string } | { readonly role: string };
  readonly privileges: readonly Privilege[];
}

export type CatalogRecord = StorageRecord | NamespaceRecord | TableRecord | GrantRecord;
