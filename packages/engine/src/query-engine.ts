import type { NamespaceRecord, StorageRecord, StorageType } from './catalog/records.ts';
import type { CancelSignal } from './context/cancellation.ts';
import type { Principal } from './context/principal.ts';
import type { Column, RowBatch, Value } from './values.ts';

/** Where statements of one namespace run. */
export interface EnginePlace {
  readonly principal: Principal;
  readonly namespace: NamespaceRecord;
  readonly storage: StorageRecord;
}

export interface EngineRequest {
  /** One statement, whose tables stand as the caller wrote them: unqualified ones are of the connection's namespace. */
  readonly sql: string;
  /** For `$1`, `$2`, … */
  readonly parameters: readonly Value[];
  readonly timeoutMs: number;
  readonly signal?: CancelSignal;
  /** From 0 to 1, where the engine knows. */
  readonly onProgress?: (progress: number) => void;
}

/** What a statement gives. Whoever got it consumes its batches or closes it; closing ends a statement that still runs. */
export interface EngineResult {
  readonly columns: readonly Column[];
  /** Of INSERT, UPDATE and DELETE; null of others. */
  readonly rowsAffected: number | null;
  batches(): AsyncIterable<RowBatch>;
  close(): Promise<void>;
}

/** Temporary tables, SET and a transaction are a connection's own, and end with it. One statement at a time. */
export interface EngineConnection {
  /** @throws EngineError `already_exists` and `not_found` of tables and views among others */
  run(request: EngineRequest): Promise<EngineResult>;
  close(): Promise<void>;
}

/** An engine that runs statements: an adapter, such as engine-duckdb. */
export interface QueryEngine {
  readonly types: readonly StorageType[];
  /** Whether one statement may name tables of several of its storages. */
  readonly spansStorages: boolean;
  /**
   * Whether a statement may call it: folded, with its schema where the statement gives one. What reads or writes outside of
   * the statement's own tables, or runs SQL that stands in a text, is not allowed, nor is what the engine doesn't know.
   */
  allowsFunction(name: string): boolean;
  /** Whether SET and RESET of it are a connection's own. What changes the meaning of names, such as a search path, is not allowed. */
  allowsSetting(name: string): boolean;
  /** Whether a storage of these options can be used. @throws EngineError `invalid_storage` */
  checkStorage(storage: StorageRecord): Promise<void>;
  /** One that is there already is left as it is: a creation that was interrupted is repeated. */
  createNamespace(place: EnginePlace): Promise<void>;
  /** With all that is in it; one that is not there is no error. */
  dropNamespace(place: EnginePlace): Promise<void>;
  /**
   * Takes away what the engine made for a storage that no namespace is in; what it found there stays. One that is not there
   * is no error.
   *
   * @throws EngineError `in_use` and `file_in_use`, where nothing was taken away
   */
  dropStorage(storage: StorageRecord): Promise<void>;
  /** A light connection, for one statement or for a pinned session. @throws EngineError */
  connect(place: EnginePlace): Promise<EngineConnection>;
  close(): Promise<void>;
}
