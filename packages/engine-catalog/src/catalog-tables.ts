import type { CatalogKey, CatalogRecord } from '@mooring/engine';
import type { EpochMs } from '@mooring/session-store';
import type { KeyRange } from './records/key-range.ts';

/** A row of the catalog as it is stored: `record` is JSON, whatever became of it. */
export interface CatalogRow {
  readonly id: string | number;
  readonly key: string;
  readonly version: number;
  readonly record: string;
}

/** A row of the audit log as it is stored. */
export interface AuditRow {
  readonly id: number;
  readonly at: EpochMs;
  readonly event: string;
}

export type ChangeOutcome = 'done' | 'changed' | 'not_found';

/** What a database does for the catalog and the audit log: one statement for each call. Rejects with an `EngineError`. */
export interface CatalogTables {
  find(key: CatalogKey): Promise<CatalogRow | undefined>;
  /** By key, in the order of code points. */
  scan(tenantId: string, kind: CatalogRecord['kind'], range: KeyRange): Promise<readonly CatalogRow[]>;
  /** Whether it was inserted. */
  insert(key: CatalogKey, version: number, record: string): Promise<boolean>;
  replace(key: CatalogKey, version: number, next: { version: number; record: string }): Promise<ChangeOutcome>;
  /** Any version, where none is given. */
  remove(key: CatalogKey, version: number | undefined): Promise<ChangeOutcome>;
  append(tenantId: string, at: EpochMs, event: string): Promise<void>;
  /** Those before a row, by time and id; the newest first. */
  newest(tenantId: string, before: Pick<AuditRow, 'at' | 'id'>, limit: number): Promise<readonly AuditRow[]>;
  /** How many there are, up to the limit. */
  countOldest(olderThan: EpochMs, limit: number): Promise<number>;
  /** How many were deleted. */
  deleteOldest(olderThan: EpochMs, limit: number): Promise<number>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
