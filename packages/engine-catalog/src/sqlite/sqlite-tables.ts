import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { CatalogKey, CatalogRecord } from '@mooring/engine';
import { query, unlocked } from '@mooring/store-sqlite/file';
import type { Connection } from '@mooring/store-sqlite/file';
import type { AuditRow, CatalogRow, CatalogTables, ChangeOutcome } from '../catalog-tables.ts';
import { closed, failure } from '../errors.ts';
import type { KeyRange } from '../records/key-range.ts';
import { translate } from './errors.ts';

const KEY = 'tenant_id = ? and kind = ? and key = ?';
const ROW = 'id, key, version, record';
const FIND = query<CatalogRow>(`select ${ROW} from catalog where ${KEY}`);
const SCAN = query<CatalogRow>(`select ${ROW} from catalog where tenant_id = ? and kind = ? and key >= ? order by key`);
const SCAN_UNTIL = query<CatalogRow>(
  `select ${ROW} from catalog where tenant_id = ? and kind = ? and key >= ? and key < ? order by key`,
);
const INSERT = `insert into catalog (tenant_id, kind, key, version, record) values (?, ?, ?, ?, ?)
  on conflict (tenant_id, kind, key) do nothing`;
const REPLACE = `update catalog set version = ?, record = ? where ${KEY} and version = ?`;
const REMOVE = `delete from catalog where ${KEY}`;
const REMOVE_VERSION = `${REMOVE} and version = ?`;
const VERSION = query<{ version: number }>(`select version from catalog where ${KEY}`);
const APPEND = 'insert into audit_log (tenant_id, at, event) values (?, ?, ?)';
const NEWEST = query<AuditRow>(`select id, at, event from audit_log where tenant_id = ? and (at, id) < (?, ?)
  order by at desc, id desc limit ?`);
const DELETE_OLDEST = `delete from audit_log where id in (
  select id from audit_log where at < ? order by at, id limit ?)`;
const COUNT_OLDEST = query<{ due: number }>(
  'select count(*) as due from (select 1 from audit_log where at < ? limit ?)',
);
const PING = query('select 1 from catalog limit 1');

/** Rows of one transaction: a few milliseconds, in which no other process can write and the event loop stands still. */
const DELETED_AT_ONCE = 500;

/**
 * The driver keeps prepared statements until they are collected, and with them the connection: its log would stay beside the
 * file after the close. Leaving WAL mode takes it away, and is refused while another process has the file.
 */
const LAST_STEPS = ['pragma wal_checkpoint(truncate)', 'pragma journal_mode = delete'];

/** Each statement is a transaction of its own, and on the disk when it is answered. */
export class SqliteTables implements CatalogTables {
  private readonly inode: bigint;
  private isClosed = false;

  constructor(
    private readonly connection: Connection,
    private readonly file: string,
    private readonly busyTimeoutMs: number,
  ) {
    this.inode = statSync(file, { bigint: true }).ino;
  }

  async find(key: CatalogKey): Promise<CatalogRow | undefined> {
    const row = await this.run(() => this.connection.one(FIND, ...valuesOf(key)));
    return row === undefined ? undefined : catalogRow(row);
  }

  async scan(tenantId: string, kind: CatalogRecord['kind'], { from, until }: KeyRange): Promise<readonly CatalogRow[]> {
    const rows = await this.run(() =>
      until === undefined
        ? this.connection.all(SCAN, tenantId, kind, from)
        : this.connection.all(SCAN_UNTIL, tenantId, kind, from, until),
    );
    return Array.from(rows, catalogRow);
  }

  async insert(key: CatalogKey, version: number, record: string): Promise<boolean> {
    return (await this.run(() => this.connection.run(INSERT, ...valuesOf(key), version, record))) > 0;
  }

  replace(key: CatalogKey, version: number, next: { version: number; record: string }): Promise<ChangeOutcome> {
    return this.change(key, version, () =>
      this.connection.run(REPLACE, next.version, next.record, ...valuesOf(key), version),
    );
  }

  remove(key: CatalogKey, version: number | undefined): Promise<ChangeOutcome> {
    return this.change(key, version, () =>
      version === undefined
        ? this.connection.run(REMOVE, ...valuesOf(key))
        : this.connection.run(REMOVE_VERSION, ...valuesOf(key), version),
    );
  }

  async append(tenantId: string, at: number, event: string): Promise<void> {
    await this.run(() => this.connection.run(APPEND, tenantId, at, event));
  }

  async newest(tenantId: string, { at, id }: Pick<AuditRow, 'at' | 'id'>, limit: number): Promise<readonly AuditRow[]> {
    const rows = await this.run(() => this.connection.all(NEWEST, tenantId, at, id, limit));
    return Array.from(rows, (row) => ({ id: row.id, at: row.at, event: row.event }));
  }

  async countOldest(olderThan: number, limit: number): Promise<number> {
    const row = await this.run(() => this.connection.one(COUNT_OLDEST, olderThan, limit));
    return row?.due ?? 0;
  }

  async deleteOldest(olderThan: number, limit: number): Promise<number> {
    let deleted = 0;
    while (deleted < limit) {
      const most = Math.min(limit - deleted, DELETED_AT_ONCE);
      const gone = await this.run(() => this.connection.run(DELETE_OLDEST, olderThan, most));
      deleted += gone;
      if (gone < most) break;
      await setImmediate();
    }
    return deleted;
  }

  /** Fails when another file is at its place: what is written here would be lost. */
  async ping(): Promise<void> {
    await this.run(() => this.connection.one(PING));
    if (statSync(this.file, { bigint: true, throwIfNoEntry: false })?.ino === this.inode) return;
    const message = 'the file was deleted or replaced while it was open; restart the processes that use it';
    throw failure({ code: 'unavailable', message });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    try {
      for (const step of LAST_STEPS) this.connection.exec(step);
    } catch {
      // Another process has the file: it is complete without it.
    }
    this.connection.close();
  }

  /**
   * What became of a change, without a transaction around two statements: where nothing was changed and the version is
   * there all the same, another process put it there in between, and the change is made once more.
   */
  private async change(key: CatalogKey, version: number | undefined, change: () => number): Promise<ChangeOutcome> {
    for (;;) {
      if ((await this.run(change)) > 0) return 'done';
      const row = await this.run(() => this.connection.one(VERSION, ...valuesOf(key)));
      if (row === undefined) return 'not_found';
      if (version !== undefined && row.version !== version) return 'changed';
    }
  }

  private async run<T>(work: () => T): Promise<T> {
    try {
      return await unlocked(this.busyTimeoutMs, () => {
        if (this.isClosed) throw closed();
        return work();
      });
    } catch (cause) {
      throw translate(cause);
    }
  }
}

function valuesOf({ tenantId, kind, key }: CatalogKey): [string, string, string] {
  return [tenantId, kind, key];
}

/** A copy: the driver's rows have no prototype. */
function catalogRow({ id, key, version, record }: CatalogRow): CatalogRow {
  return { id, key, version, record };
}
