import type { EpochMs } from '@mooring/session-store';
import type { Role } from '../context/role.ts';

export type StorageType = 'duckdb' | 'parquet' | 'redshift';

/** Who of a tenant may read a table: private its owner, restricted services and above, public everybody. */
export type AccessLevel = 'private' | 'restricted' | 'public';

/**
 * What is being made or dropped is seen by nobody but whoever repeats that. What changes is seen, and changed by one
 * statement at a time; what closes is seen, too, while a DROP looks for what depends on it, and nothing new may. A
 * statement that died leaves its state behind for the next one.
 */
export type RecordState = 'creating' | 'ready' | 'changing' | 'closing' | 'dropping';

interface Versioned {
  readonly state: RecordState;
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

export type Privilege = 'select' | 'insert' | 'update' | 'delete';

/** What a user, or everybody with a role or a higher one, may do with a table beyond its access level. */
export interface Grant {
  readonly grantee: { readonly userId: string } | { readonly role: Role };
  readonly privileges: readonly Privilege[];
}

/** A table or view that a view reads. */
export interface ReadName {
  readonly namespace: string;
  readonly name: string;
}

/** Grants are a part of the table that they are of: what is dropped leaves none to a later table of the same name. */
export interface TableRecord extends Versioned {
  readonly kind: 'table';
  readonly tenantId: string;
  readonly namespace: string;
  readonly name: string;
  readonly isView: boolean;
  /** It was in the storage before it was in the catalog. DROP takes it out of the catalog alone. */
  readonly isExternal: boolean;
  readonly ownerId: string;
  readonly access: AccessLevel;
  readonly grants: readonly Grant[];
  /** Of a view, what it reads itself. While it is `changing`, what it read before, too. */
  readonly reads: readonly ReadName[];
}

export type CatalogRecord = StorageRecord | NamespaceRecord | TableRecord;
