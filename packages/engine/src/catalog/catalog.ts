import type { Clock, Result } from '@mooring/session-store';
import { EngineError } from '../errors.ts';
import type { CatalogKey, CatalogStore } from './catalog-store.ts';
import { foldedName } from './names.ts';
import type { CatalogRecord, NamespaceRecord, StorageRecord, StorageType, TableRecord } from './records.ts';

/** A storage that every tenant has, without a record: what `CREATE NAMESPACE` takes when it names none. */
export interface DefaultStorage {
  readonly name: string;
  readonly type: StorageType;
  readonly description?: string;
  readonly options?: Readonly<Record<string, string>>;
}

export interface CatalogParts {
  readonly store: CatalogStore;
  readonly clock: Clock;
  readonly defaultStorage: DefaultStorage | undefined;
  /** After how long a statement that began a change is certainly over: its change may be repeated by another. */
  readonly claimMs: number;
}

type Changed = Result<null, 'changed' | 'not_found'>;

/** The records of the catalog by their names. What is being created or dropped is found by `peek…` alone. */
export class Catalog {
  constructor(readonly parts: CatalogParts) {}

  async findStorage(tenantId: string, name: string): Promise<StorageRecord | undefined> {
    return seen(await this.peekStorage(tenantId, name));
  }

  async peekStorage(tenantId: string, name: string): Promise<StorageRecord | undefined> {
    if (this.isDefaultStorage(name)) return this.defaultStorageOf(tenantId);
    return this.peek(storageKey(tenantId, name), 'storage');
  }

  isDefaultStorage(name: string): boolean {
    const { defaultStorage } = this.parts;
    return defaultStorage !== undefined && defaultStorage.name === foldedName(name);
  }

  async findNamespace(tenantId: string, name: string): Promise<NamespaceRecord | undefined> {
    return seen(await this.peekNamespace(tenantId, name));
  }

  peekNamespace(tenantId: string, name: string): Promise<NamespaceRecord | undefined> {
    return this.peek(namespaceKey(tenantId, name), 'namespace');
  }

  async findTable(tenantId: string, namespace: string, name: string): Promise<TableRecord | undefined> {
    return seen(await this.peekTable(tenantId, namespace, name));
  }

  peekTable(tenantId: string, namespace: string, name: string): Promise<TableRecord | undefined> {
    return this.peek(tableKey(tenantId, namespace, name), 'table');
  }

  async listStorages(tenantId: string): Promise<readonly StorageRecord[]> {
    const own = this.defaultStorageOf(tenantId);
    const listed = await this.listSeen(tenantId, 'storage');
    return own === undefined ? listed : [own, ...listed];
  }

  listNamespaces(tenantId: string): Promise<readonly NamespaceRecord[]> {
    return this.listSeen(tenantId, 'namespace');
  }

  /** Of a namespace, or of all. */
  listTables(tenantId: string, namespace?: string): Promise<readonly TableRecord[]> {
    return this.listSeen(tenantId, 'table', prefixOf(namespace));
  }

  /** Those being made and dropped, too: what a namespace must not be dropped under. */
  async peekTables(tenantId: string, namespace?: string): Promise<readonly TableRecord[]> {
    const records = await this.parts.store.list(tenantId, 'table', prefixOf(namespace));
    return records.filter((record) => record.kind === 'table');
  }

  async peekNamespaces(tenantId: string): Promise<readonly NamespaceRecord[]> {
    const records = await this.parts.store.list(tenantId, 'namespace');
    return records.filter((record) => record.kind === 'namespace');
  }

  create(record: CatalogRecord): Promise<Result<null, 'exists'>> {
    return this.parts.store.create(keyOf(record), record);
  }

  /** Writes the record in place of the one with the version before. */
  replace(record: CatalogRecord): Promise<Changed> {
    return this.parts.store.replace(keyOf(record), record.version - 1, record);
  }

  remove(record: CatalogRecord): Promise<Changed> {
    return this.parts.store.remove(keyOf(record), record.version);
  }

  /** The record that follows this one, with what changes. */
  next<R extends CatalogRecord>(record: R, change: Partial<R>): R {
    return { ...record, ...change, version: record.version + 1, updatedAt: this.parts.clock.now() };
  }

  first(): { readonly state: 'creating'; readonly version: 1; readonly createdAt: number; readonly updatedAt: number } {
    const now = this.parts.clock.now();
    return { state: 'creating', version: 1, createdAt: now, updatedAt: now };
  }

  private defaultStorageOf(tenantId: string): StorageRecord | undefined {
    const { defaultStorage } = this.parts;
    if (defaultStorage === undefined) return undefined;
    const { name, type, description = 'of every tenant', options = {} } = defaultStorage;
    const times = { createdAt: 0, updatedAt: 0 };
    return { kind: 'storage', tenantId, name, type, description, options, state: 'ready', version: 1, ...times };
  }

  private async peek<K extends CatalogRecord['kind']>(
    key: CatalogKey,
    kind: K,
  ): Promise<Extract<CatalogRecord, { kind: K }> | undefined> {
    const record = await this.parts.store.get(key);
    if (record === undefined) return undefined;
    if (record.kind === kind) return record as Extract<CatalogRecord, { kind: K }>;
    throw new EngineError({ code: 'unavailable', message: `the catalog has a ${record.kind} in place of a ${kind}` });
  }

  private async listSeen<K extends CatalogRecord['kind']>(
    tenantId: string,
    kind: K,
    prefix?: string,
  ): Promise<readonly Extract<CatalogRecord, { kind: K }>[]> {
    const records = await this.parts.store.list(tenantId, kind, prefix);
    return (records as readonly Extract<CatalogRecord, { kind: K }>[]).filter(isSeen);
  }
}

function isSeen({ state }: CatalogRecord): boolean {
  return state !== 'creating' && state !== 'dropping';
}

function seen<R extends CatalogRecord>(record: R | undefined): R | undefined {
  return record !== undefined && isSeen(record) ? record : undefined;
}

function keyOf(record: CatalogRecord): CatalogKey {
  if (record.kind === 'table') return tableKey(record.tenantId, record.namespace, record.name);
  return { tenantId: record.tenantId, kind: record.kind, key: foldedName(record.name) };
}

function storageKey(tenantId: string, name: string): CatalogKey {
  return { tenantId, kind: 'storage', key: foldedName(name) };
}

function namespaceKey(tenantId: string, name: string): CatalogKey {
  return { tenantId, kind: 'namespace', key: foldedName(name) };
}

function tableKey(tenantId: string, namespace: string, name: string): CatalogKey {
  return { tenantId, kind: 'table', key: `${foldedName(namespace)}\t${foldedName(name)}` };
}

function prefixOf(namespace: string | undefined): string | undefined {
  return namespace === undefined ? undefined : `${foldedName(namespace)}\t`;
}
