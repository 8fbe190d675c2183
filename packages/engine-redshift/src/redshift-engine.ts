import type { EngineConnection, EnginePlace, QueryEngine, StorageRecord, StorageType } from '@mooring/engine';
import { DEFAULTS } from '@mooring/redshift-sessions';
import { systemClock } from '@mooring/session-store';
import type { PoolKey } from '@mooring/session-store';
import { closedError, translate } from './errors.ts';
import { isAllowedFunction } from './functions.ts';
import type { RedshiftEngineOptions } from './options.ts';
import { NamespaceWarehouses } from './storages/namespace-warehouses.ts';
import { Schemas } from './storages/schemas.ts';
import { StorageForms } from './storages/storage-target.ts';
import { RedshiftConnection } from './statements/connection.ts';
import { isOwnSetting } from './statements/settings.ts';

/** Counts of this moment. */
export interface RedshiftEngineStats {
  readonly connections: number;
  /** With sessions of their own, or lately so. */
  readonly namespaces: number;
}

/** By which a slot of the pool is known as one of a namespace. */
export interface NamespaceSessions {
  readonly key: PoolKey;
  /** Null where a secret or the process's IAM identity says who it is. */
  readonly databaseUser: string | null;
}

/** Runs statements in a Redshift warehouse, on sessions that are open already. */
export class RedshiftEngine implements QueryEngine {
  readonly types: readonly StorageType[] = ['redshift'];
  /** Each storage has a database user and a database of its own. */
  readonly spansStorages = false;
  readonly #options: RedshiftEngineOptions;
  readonly #forms: StorageForms;
  readonly #warehouses: NamespaceWarehouses;
  readonly #schemas: Schemas;
  readonly #connections = new Set<RedshiftConnection>();
  #closing: Promise<void> | undefined;

  /** @throws EngineError `misconfigured` */
  constructor(options: RedshiftEngineOptions) {
    this.#options = options;
    this.#forms = new StorageForms(options.storages);
    try {
      this.#warehouses = new NamespaceWarehouses(options);
    } catch (error) {
      throw translate(error);
    }
    this.#schemas = new Schemas(this.#warehouses.own);
  }

  stats(): RedshiftEngineStats {
    return { connections: this.#connections.size, namespaces: this.#warehouses.size };
  }

  /** Asks nothing of the warehouse. @throws EngineError `invalid_storage` */
  sessionsOf({ namespace, storage }: Pick<EnginePlace, 'namespace' | 'storage'>): NamespaceSessions {
    const target = this.#forms.targetOf(storage);
    const key = this.#warehouses.poolKeyOf(namespace.name, storage.tenantId, target);
    return { key, databaseUser: target.dbUser ?? null };
  }

  allowsFunction(name: string): boolean {
    return isAllowedFunction(name);
  }

  allowsSetting(name: string): boolean {
    return isOwnSetting(name);
  }

  /** Runs a statement there, as the tenant's database user. */
  async checkStorage(storage: StorageRecord): Promise<void> {
    this.#assertOpen();
    await this.#schemas.reach(storage.tenantId, this.#forms.targetOf(storage), storage.name);
  }

  async createNamespace(place: EnginePlace): Promise<void> {
    this.#assertOpen();
    await this.#schemas.create(place, this.#forms.targetOf(place.storage));
  }

  async dropNamespace(place: EnginePlace): Promise<void> {
    this.#assertOpen();
    await this.#schemas.drop(place, this.#forms.targetOf(place.storage));
  }

  /** Schemas are of namespaces, and gone with them: there is nothing else of a storage. */
  async dropStorage(): Promise<void> {}

  /** Asks nothing of the warehouse. */
  async connect({ namespace, storage }: EnginePlace): Promise<EngineConnection> {
    this.#assertOpen();
    const target = this.#forms.targetOf(storage);
    const connection = new RedshiftConnection({
      warehouse: this.#warehouses.acquire(namespace.name),
      tenantId: storage.tenantId,
      target,
      waitTimeoutMs: this.#options.sessions?.waitTimeoutMs ?? DEFAULTS.waitTimeoutMs,
      clock: this.#options.clock ?? systemClock,
      onClose: () => {
        this.#connections.delete(connection);
        this.#warehouses.release(namespace.name);
      },
    });
    this.#connections.add(connection);
    return connection;
  }

  /** Cancels what runs, closes the sessions of connections, and gives idle ones to other processes. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.close()));
    await this.#warehouses.close();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }
}

/** @throws EngineError `misconfigured` */
export function createRedshiftEngine(options: RedshiftEngineOptions): RedshiftEngine {
  return new RedshiftEngine(options);
}
