import { rm } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { translate, translateOpening } from '../errors.ts';
import type { DuckdbEngineSettings } from '../options.ts';
import { SETTING_NAMES } from '../statements/settings.ts';
import { parquetTables } from './folders.ts';
import type { ParquetTable } from './folders.ts';
import { identifier, text } from './quoting.ts';

/** Planning takes time that grows with the cube of it, and can't be interrupted: under a second for 150. */
const DEEPEST = 150;

/** What a connection may set for itself alone; the guard refuses to set it for others. */
const CHANGEABLE = [...SETTING_NAMES, 'enable_progress_bar', 'enable_progress_bar_print'];

export interface InstanceSource {
  /** For messages. */
  readonly place: string;
  /** `null`: in memory. */
  readonly file: string | null;
  readonly spillFolder: string | null;
  /** Whose files are read as tables. */
  readonly parquetFolder: string | null;
}

/** The most connections that are kept for those who come next, each for one namespace. One takes 13 KiB. */
const MOST_KEPT = 64;

interface KeptConnection {
  readonly namespace: string;
  readonly connection: DuckDBConnection;
}

/** Counted, not printed. Set with the search path, so that it costs no call of its own. */
const PROGRESS_ON = 'SET enable_progress_bar=true;SET enable_progress_bar_print=false';

/**
 * The DuckDB instance of one storage of one tenant. Nothing in it reaches files, network or extensions, and nothing that
 * a connection sets reaches another one.
 */
export class TenantInstance {
  readonly #instance: DuckDBInstance;
  readonly #own: DuckDBConnection;
  readonly #tables: readonly ParquetTable[];
  readonly #isVolatile: boolean;
  /** From least to most recently used. */
  readonly #kept: KeptConnection[] = [];
  #isClosed = false;

  private constructor(
    instance: DuckDBInstance,
    own: DuckDBConnection,
    source: InstanceSource,
    tables: readonly ParquetTable[],
  ) {
    this.#instance = instance;
    this.#own = own;
    this.#tables = tables;
    this.#isVolatile = source.file === null;
  }

  static async open(source: InstanceSource, settings: DuckdbEngineSettings): Promise<TenantInstance> {
    try {
      const tables = source.parquetFolder === null ? [] : await parquetTables(source.parquetFolder);
      const instance = await openLocked(source, settings);
      return new TenantInstance(instance, await instance.connect(), source, tables);
    } catch (cause) {
      throw translateOpening(cause, source.place);
    }
  }

  /**
   * A connection whose unqualified names are of `namespace`. A database in memory does not know those that the catalog
   * knows from before, so there it is made.
   */
  async connect(namespace: string): Promise<DuckDBConnection> {
    const at = this.#kept.findLastIndex((kept) => kept.namespace === namespace);
    const [kept] = at < 0 ? [] : this.#kept.splice(at, 1);
    if (kept !== undefined) return kept.connection;
    if (this.#isVolatile) await this.createNamespace(namespace);
    const connection = await this.#instance.connect();
    try {
      await connection.run(`SET search_path=${text(identifier(namespace))};${PROGRESS_ON}`);
      return connection;
    } catch (cause) {
      connection.closeSync();
      throw translate(cause);
    }
  }

  /** Takes back a connection of `connect` on which nothing was left behind: the next one in the namespace gets it. */
  keep(namespace: string, connection: DuckDBConnection): void {
    this.#kept.push({ namespace, connection });
    if (this.#kept.length > MOST_KEPT || this.#isClosed) this.#kept.shift()?.connection.closeSync();
  }

  async createNamespace(namespace: string): Promise<void> {
    await this.#runOwn(`CREATE SCHEMA IF NOT EXISTS ${identifier(namespace)};${this.#views(namespace)}`);
  }

  async dropNamespace(namespace: string): Promise<void> {
    this.#closeKept();
    await this.#runOwn(`DROP SCHEMA IF EXISTS ${identifier(namespace)} CASCADE`);
  }

  /** What was committed is in the database file then, and nothing is left to be done on the event loop. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closeKept();
    if (!this.#isVolatile) await this.#own.run('CHECKPOINT').catch(() => undefined);
    this.#own.closeSync();
    this.#instance.closeSync();
  }

  #closeKept(): void {
    for (const { connection } of this.#kept.splice(0)) connection.closeSync();
  }

  #views(namespace: string): string {
    const views = this.#tables.map(
      ({ name, files }) =>
        `CREATE VIEW IF NOT EXISTS ${identifier(namespace)}.${identifier(name)} AS ` +
        `FROM read_parquet(${text(files)}, hive_partitioning=true)`,
    );
    return views.join(';');
  }

  async #runOwn(sql: string): Promise<void> {
    try {
      await this.#own.run(sql);
    } catch (cause) {
      throw translate(cause);
    }
  }
}

async function openLocked(source: InstanceSource, settings: DuckdbEngineSettings): Promise<DuckDBInstance> {
  const spillFolder = settings.spillMb > 0 ? source.spillFolder : null;
  const config = {
    threads: String(settings.threads),
    memory_limit: `${settings.memoryMb}MiB`,
    temp_directory: spillFolder ?? '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
  };
  const instance = await (source.file === null
    ? DuckDBInstance.create(':memory:', config)
    : DuckDBInstance.fromCache(source.file, config));
  try {
    const isNew = await lockDown(instance, source, settings);
    if (isNew && source.spillFolder !== null) await rm(source.spillFolder, { recursive: true, force: true });
    return instance;
  } catch (cause) {
    instance.closeSync();
    throw cause;
  }
}

/**
 * The lock comes last: after it, no setting of the instance changes any more, this one included.
 *
 * The limit of spilled disk has no effect as an option of the open, so it is set here.
 *
 * @returns false of one that was open already, and locked
 */
async function lockDown(
  instance: DuckDBInstance,
  { parquetFolder }: InstanceSource,
  { spillMb }: DuckdbEngineSettings,
): Promise<boolean> {
  const connection = await instance.connect();
  try {
    const locked = await connection.runAndReadAll("SELECT current_setting('lock_configuration')");
    if (locked.getRowsJS()[0]?.[0] === true) return false;
    await connection.run(
      [
        "SET GLOBAL TimeZone='UTC'",
        `SET max_temp_directory_size='${spillMb}MiB'`,
        'SET GLOBAL errors_as_json=true',
        `SET GLOBAL max_expression_depth=${DEEPEST}`,
        ...(parquetFolder === null ? [] : [`SET allowed_directories=[${text(parquetFolder)}]`]),
        `SET allowed_configs=[${CHANGEABLE.map(text).join(',')}]`,
        'SET enable_external_access=false',
        'SET lock_configuration=true',
      ].join(';'),
    );
    return true;
  } finally {
    connection.closeSync();
  }
}
