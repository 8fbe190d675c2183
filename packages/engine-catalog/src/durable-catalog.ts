import type { CatalogKey, CatalogRecord, CatalogStore } from '@mooring/engine';
import { ok, refused } from '@mooring/session-store';
import type { Result } from '@mooring/session-store';
import { TableAuditLog } from './audit/audit-log.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { CatalogTables, ChangeOutcome } from './catalog-tables.ts';
import { keysBeginningWith } from './records/key-range.ts';
import { recordIn } from './records/stored-record.ts';
import { assertKey, assertWhole } from './requests.ts';

/** The catalog, and the audit log in the same database. Whatever fails rejects with an `EngineError`. */
export interface DurableCatalog extends CatalogStore {
  readonly audit: AuditLog;
  /** Asks the database for an answer. @throws EngineError `unavailable`, `timeout`, `misconfigured` */
  ping(): Promise<void>;
  /** Closes what was opened here, for the audit log too: later calls of both are refused. Once is enough. */
  close(): Promise<void>;
}

/** What a database is asked for is checked here, and so is what it answers. */
export class TableCatalog implements DurableCatalog {
  readonly audit: AuditLog;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly tables: CatalogTables,
    private readonly names: { readonly catalog: string; readonly audit: string },
  ) {
    this.audit = new TableAuditLog(tables, names.audit);
  }

  async get(key: CatalogKey): Promise<CatalogRecord | undefined> {
    assertKey(key);
    const row = await this.tables.find(key);
    return row === undefined ? undefined : recordIn(this.names.catalog, row, key);
  }

  async list(tenantId: string, kind: CatalogRecord['kind'], prefix = ''): Promise<readonly CatalogRecord[]> {
    assertKey({ tenantId, kind, key: prefix });
    const rows = await this.tables.scan(tenantId, kind, keysBeginningWith(prefix));
    return rows.map((row) => recordIn(this.names.catalog, row, { tenantId, kind }));
  }

  async create(key: CatalogKey, record: CatalogRecord): Promise<Result<null, 'exists'>> {
    assertKey(key);
    assertVersion(record.version);
    return (await this.tables.insert(key, record.version, JSON.stringify(record))) ? ok(null) : refused('exists');
  }

  async replace(
    key: CatalogKey,
    version: number,
    record: CatalogRecord,
  ): Promise<Result<null, 'changed' | 'not_found'>> {
    assertKey(key);
    assertVersion(version);
    assertVersion(record.version);
    return resultOf(
      await this.tables.replace(key, version, { version: record.version, record: JSON.stringify(record) }),
    );
  }

  async remove(key: CatalogKey, version?: number): Promise<Result<null, 'changed' | 'not_found'>> {
    assertKey(key);
    if (version !== undefined) assertVersion(version);
    return resultOf(await this.tables.remove(key, version));
  }

  async ping(): Promise<void> {
    await this.tables.ping();
  }

  close(): Promise<void> {
    return (this.closing ??= this.tables.close());
  }
}

function assertVersion(version: number): void {
  assertWhole('version', version, 1, Number.MAX_SAFE_INTEGER);
}

function resultOf(outcome: ChangeOutcome): Result<null, 'changed' | 'not_found'> {
  return outcome === 'done' ? ok(null) : refused(outcome);
}
