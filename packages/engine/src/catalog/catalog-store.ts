import type { Result } from '@mooring/session-store';
import type { CatalogRecord } from './records.ts';

/**
 * What identifies a record within its tenant and kind: its name in small letters, a table's with its namespace and a tab
 * before it.
 */
export interface CatalogKey {
  readonly tenantId: string;
  readonly kind: CatalogRecord['kind'];
  readonly key: string;
}

/**
 * Where the catalog is kept, durably and for all processes: the session store's database, or SQLite. Each operation is
 * one statement; a change names the version that it changes, so that two changes at once can't both be made.
 */
export interface CatalogStore {
  get(key: CatalogKey): Promise<CatalogRecord | undefined>;
  /** All of a kind, by key; those whose key begins with `prefix`, where given. */
  list(tenantId: string, kind: CatalogRecord['kind'], prefix?: string): Promise<readonly CatalogRecord[]>;
  create(key: CatalogKey, record: CatalogRecord): Promise<Result<null, 'exists'>>;
  replace(key: CatalogKey, version: number, record: CatalogRecord): Promise<Result<null, 'changed' | 'not_found'>>;
  remove(key: CatalogKey, version?: number): Promise<Result<null, 'changed' | 'not_found'>>;
  close(): Promise<void>;
}
