import type { CatalogKey, CatalogRecord } from '@mooring/engine';
import type { AuditRow, CatalogRow, CatalogTables, ChangeOutcome } from '../catalog-tables.ts';
import type { KeyRange } from '../records/key-range.ts';
import type { Database, TextRow } from './database.ts';
import { FoundTogether } from './found-together.ts';
import {
  APPEND,
  COUNT_OLDEST,
  DELETE_OLDEST,
  FIND,
  FIND_ALL,
  INSERT,
  NEWEST,
  PING,
  REMOVE,
  REPLACE,
  SCAN,
  SCAN_UNTIL,
} from './statements.ts';

export class PostgresTables implements CatalogTables {
  private readonly found = new FoundTogether((keys) => this.findAll(keys));

  constructor(
    private readonly database: Database,
    private readonly release: () => Promise<void>,
  ) {}

  async find(key: CatalogKey): Promise<CatalogRow | undefined> {
    this.database.assertOpen();
    return this.found.row(key);
  }

  async scan(tenantId: string, kind: CatalogRecord['kind'], range: KeyRange): Promise<readonly CatalogRow[]> {
    const { from, until } = range;
    const rows =
      until === undefined
        ? await this.database.rows(SCAN, [tenantId, kind, from])
        : await this.database.rows(SCAN_UNTIL, [tenantId, kind, from, until]);
    return rows.map(catalogRow);
  }

  async insert(key: CatalogKey, version: number, record: string): Promise<boolean> {
    return (await this.database.rows(INSERT, [...valuesOf(key), version, record])).length > 0;
  }

  async replace(key: CatalogKey, version: number, next: { version: number; record: string }): Promise<ChangeOutcome> {
    return outcomeOf(await this.database.rows(REPLACE, [...valuesOf(key), version, next.version, next.record]));
  }

  async remove(key: CatalogKey, version: number | undefined): Promise<ChangeOutcome> {
    return outcomeOf(await this.database.rows(REMOVE, [...valuesOf(key), version ?? null]));
  }

  async append(tenantId: string, at: number, event: string): Promise<void> {
    await this.database.rows(APPEND, [tenantId, at, event]);
  }

  async newest(tenantId: string, before: Pick<AuditRow, 'at' | 'id'>, limit: number): Promise<readonly AuditRow[]> {
    const rows = await this.database.rows(NEWEST, [tenantId, before.at, before.id, limit]);
    return rows.map(({ id, at, event }) => ({ id: Number(id), at: Number(at), event: event ?? '' }));
  }

  async countOldest(olderThan: number, limit: number): Promise<number> {
    const [row] = await this.database.rows(COUNT_OLDEST, [olderThan, limit]);
    return Number(row?.['due'] ?? 0);
  }

  async deleteOldest(olderThan: number, limit: number): Promise<number> {
    const [row] = await this.database.rows(DELETE_OLDEST, [olderThan, limit]);
    return Number(row?.['deleted'] ?? 0);
  }

  async ping(): Promise<void> {
    await this.database.rows(PING);
  }

  close(): Promise<void> {
    this.found.send();
    this.database.close();
    return this.release();
  }

  private async findAll(keys: readonly CatalogKey[]): Promise<ReadonlyMap<CatalogKey, CatalogRow>> {
    const [only, ...others] = keys;
    if (only !== undefined && others.length === 0) {
      const [row] = await this.database.rows(FIND, valuesOf(only));
      return new Map(row === undefined ? [] : [[only, catalogRow(row)]]);
    }
    const columns = [keys.map(({ tenantId }) => tenantId), keys.map(({ kind }) => kind), keys.map(({ key }) => key)];
    const rows = await this.database.rows(FIND_ALL, columns);
    return new Map(rows.map((row) => [keys[Number(row['number']) - 1] as CatalogKey, catalogRow(row)]));
  }
}

function valuesOf({ tenantId, kind, key }: CatalogKey): [string, string, string] {
  return [tenantId, kind, key];
}

function catalogRow({ id, key, version, record }: TextRow): CatalogRow {
  return { id: id ?? '', key: key ?? '', version: Number(version), record: record ?? '' };
}

function outcomeOf([row]: readonly TextRow[]): ChangeOutcome {
  return row?.['outcome'] as ChangeOutcome;
}
