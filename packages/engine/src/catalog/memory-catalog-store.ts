import { ok, refused } from '@mooring/session-store';
import type { Result } from '@mooring/session-store';
import { EngineError } from '../errors.ts';
import type { CatalogKey, CatalogStore } from './catalog-store.ts';
import type { CatalogRecord } from './records.ts';

/** A catalog that ends with its process: for tests, and for embedded use where nothing is to stay. */
export class MemoryCatalogStore implements CatalogStore {
  private readonly records = new Map<string, Map<string, CatalogRecord>>();
  private closed = false;

  async get({ tenantId, kind, key }: CatalogKey): Promise<CatalogRecord | undefined> {
    this.assertOpen();
    const found = this.of(tenantId, kind).get(key);
    return found === undefined ? undefined : { ...found };
  }

  async list(tenantId: string, kind: CatalogRecord['kind'], prefix = ''): Promise<readonly CatalogRecord[]> {
    this.assertOpen();
    return [...this.of(tenantId, kind)]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, record]) => ({ ...record }));
  }

  async create(key: CatalogKey, record: CatalogRecord): Promise<Result<null, 'exists'>> {
    this.assertOpen();
    const records = this.of(key.tenantId, key.kind);
    if (records.has(key.key)) return refused('exists');
    records.set(key.key, kept(record));
    return ok(null);
  }

  async replace(
    key: CatalogKey,
    version: number,
    record: CatalogRecord,
  ): Promise<Result<null, 'changed' | 'not_found'>> {
    this.assertOpen();
    const records = this.of(key.tenantId, key.kind);
    const current = records.get(key.key);
    if (current === undefined) return refused('not_found');
    if (current.version !== version) return refused('changed');
    records.set(key.key, kept(record));
    return ok(null);
  }

  async remove(key: CatalogKey, version?: number): Promise<Result<null, 'changed' | 'not_found'>> {
    this.assertOpen();
    const records = this.of(key.tenantId, key.kind);
    const current = records.get(key.key);
    if (current === undefined) return refused('not_found');
    if (version !== undefined && current.version !== version) return refused('changed');
    records.delete(key.key);
    return ok(null);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private of(tenantId: string, kind: CatalogRecord['kind']): Map<string, CatalogRecord> {
    const place = JSON.stringify([tenantId, kind]);
    const found = this.records.get(place) ?? new Map<string, CatalogRecord>();
    this.records.set(place, found);
    return found;
  }

  private assertOpen(): void {
    if (this.closed) throw new EngineError({ code: 'unavailable', message: 'the catalog is closed' });
  }
}

/** Frozen to its depths, so that a copy of what is read need not go deep. */
function kept(record: CatalogRecord): CatalogRecord {
  const copy = structuredClone(record);
  freeze(copy);
  return copy;
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}
