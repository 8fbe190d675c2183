import { EngineError } from '@mooring/engine';
import type { EngineConnection, EnginePlace, QueryEngine, StorageRecord, StorageType } from '@mooring/engine';
import { closedError, translate } from './errors.ts';
import { isAllowedFunction } from './functions/allowed-functions.ts';
import {
  CATALOG,
  databaseFiles,
  deleteDatabase,
  hasDatabase,
  invalidStorage,
  parquetFolder,
  placeName,
} from './instances/folders.ts';
import { InstancePool } from './instances/instance-pool.ts';
import type { Lease } from './instances/instance-pool.ts';
import { TenantInstance } from './instances/tenant-instance.ts';
import type { InstanceSource } from './instances/tenant-instance.ts';
import { settingsOf } from './options.ts';
import type { DuckdbEngineOptions, DuckdbEngineSettings } from './options.ts';
import { DuckdbConnection } from './statements/connection.ts';
import { isOwnSetting } from './statements/settings.ts';
import { Turns } from './statements/turns.ts';

const RESERVED = new Set([CATALOG, 'main', 'temp', 'system', 'memory', 'pg_catalog', 'information_schema']);

/** Counts of this moment, but for `chunks`, which is of all time. */
export interface DuckdbEngineStats {
  readonly open: number;
  readonly inUse: number;
  readonly waiting: number;
  readonly connections: number;
  readonly calls: number;
  readonly callsWaiting: number;
  /** Chunks of rows that consumers have asked for, each of at most 2048 rows. */
  readonly chunks: number;
}

/** Runs statements in DuckDB: one instance for each storage of each tenant, opened when it is used. */
export class DuckdbEngine implements QueryEngine {
  readonly types: readonly StorageType[] = ['duckdb', 'parquet'];
  /** Each storage has an instance of its own. */
  readonly spansStorages = false;
  readonly #settings: DuckdbEngineSettings;
  readonly #pool: InstancePool;
  readonly #turns: Turns;
  readonly #connections = new Set<DuckdbConnection>();
  #chunks = 0;
  #closing: Promise<void> | undefined;

  /** @throws EngineError `misconfigured` */
  constructor(options: DuckdbEngineOptions) {
    this.#settings = settingsOf(options);
    this.#pool = new InstancePool(this.#settings);
    this.#turns = new Turns(this.#settings.maxCalls, this.#settings.maxCallsPerTenant);
  }

  stats(): DuckdbEngineStats {
    return {
      open: this.#pool.open,
      inUse: this.#pool.inUse,
      waiting: this.#pool.waiting,
      connections: this.#connections.size,
      calls: this.#turns.running,
      callsWaiting: this.#turns.waiting,
      chunks: this.#chunks,
    };
  }

  allowsFunction(name: string): boolean {
    return isAllowedFunction(name);
  }

  allowsSetting(name: string): boolean {
    return isOwnSetting(name);
  }

  /** Makes the folder of a `duckdb` storage; that of a `parquet` one must be there. */
  async checkStorage(storage: StorageRecord): Promise<void> {
    await this.#source(storage);
  }

  async createNamespace(place: EnginePlace): Promise<void> {
    const name = requireName(place.namespace.name);
    await this.#with(place, (instance) => instance.createNamespace(name));
  }

  /** Of a Parquet storage, its files stay. */
  async dropNamespace(place: EnginePlace): Promise<void> {
    await this.#with(place, (instance) => instance.dropNamespace(place.namespace.name));
  }

  /** The database of a `duckdb` storage is deleted; of a `parquet` one, the files stay. */
  async dropStorage(storage: StorageRecord): Promise<void> {
    if (this.#closing !== undefined) throw closedError();
    const { dataFolder } = this.#settings;
    const isKeptAsFile = dataFolder !== null && storage.type === 'duckdb';
    if (isKeptAsFile && (await hasDatabase(dataFolder, storage))) await this.#assertOurs(storage);
    await this.#pool.remove(keyOf(storage));
    if (isKeptAsFile) await deleteDatabase(dataFolder, storage);
  }

  async connect(place: EnginePlace): Promise<EngineConnection> {
    const lease = await this.#lease(place.storage);
    try {
      const native = await lease.instance.connect(place.namespace.name);
      const connection = new DuckdbConnection({
        native,
        lease,
        namespace: place.namespace.name,
        tenantId: place.storage.tenantId,
        readOnly: place.storage.type === 'parquet',
        turns: this.#turns,
        clock: this.#settings.clock,
        onChunk: () => (this.#chunks += 1),
        onClose: (closed) => this.#connections.delete(closed),
      });
      this.#connections.add(connection);
      if (this.#closing !== undefined) {
        await connection.close();
        throw closedError();
      }
      return connection;
    } catch (error) {
      lease.release();
      throw translate(error);
    }
  }

  /** Closes databases that nobody has used for `idleMs`; it happens by itself too. */
  closeIdle(): Promise<void> {
    return this.#pool.closeIdle();
  }

  /** Stops what runs, and closes all databases. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.close()));
    await this.#pool.close();
  }

  async #with(place: EnginePlace, work: (instance: TenantInstance) => Promise<void>): Promise<void> {
    const lease = await this.#lease(place.storage);
    try {
      await work(lease.instance);
    } finally {
      lease.release();
    }
  }

  /** Opening it locks its file. One that can't be read any more is nobody's. @throws EngineError `file_in_use` */
  async #assertOurs(storage: StorageRecord): Promise<void> {
    try {
      (await this.#lease(storage)).release();
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'unavailable') throw error;
    }
  }

  async #lease(storage: StorageRecord): Promise<Lease> {
    if (this.#closing !== undefined) throw closedError();
    const isKept = storage.type === 'duckdb' && this.#settings.dataFolder === null;
    return this.#pool.acquire(keyOf(storage), isKept, async () =>
      TenantInstance.open(await this.#source(storage), this.#settings),
    );
  }

  async #source(storage: StorageRecord): Promise<InstanceSource> {
    const place = placeName(storage);
    if (storage.type === 'parquet') {
      const folder = await parquetFolder(this.#settings.parquetFolder, storage);
      return { place, file: null, spillFolder: null, parquetFolder: folder };
    }
    if (storage.type !== 'duckdb') throw invalidStorage(storage, `this engine has no storages of type ${storage.type}`);
    if (Object.keys(storage.options).length > 0) throw invalidStorage(storage, 'one of type duckdb has no options');
    if (this.#settings.dataFolder === null) return { place, file: null, spillFolder: null, parquetFolder: null };
    return { place, ...(await databaseFiles(this.#settings.dataFolder, storage)), parquetFolder: null };
  }
}

/** @throws EngineError `misconfigured` */
export function createDuckdbEngine(options: DuckdbEngineOptions): DuckdbEngine {
  return new DuckdbEngine(options);
}

function keyOf({ tenantId, type, name }: StorageRecord): string {
  return `${tenantId}\0${type}\0${name}`;
}

function requireName(name: string): string {
  if (name === '' || name.length > 128 || /[\p{Cc}\p{Cs}]/u.test(name) || RESERVED.has(name.toLowerCase())) {
    throw new EngineError({
      code: 'invalid_name',
      message: `A namespace can't have that name: 1 to 128 characters, and none of ${[...RESERVED].join(', ')}.`,
    });
  }
  return name;
}
