import type { StorageType } from './catalog/records.ts';
import type { StorageRecord } from './catalog/records.ts';
import { EngineError } from './errors.ts';
import type { EngineErrorCode } from './errors.ts';
import type { EngineConnection, EnginePlace, EngineRequest, EngineResult, QueryEngine } from './query-engine.ts';
import type { Row } from './values.ts';

interface Relation {
  readonly columns: readonly string[];
  readonly rows: Row[];
}

type Relations = Map<string, Relation>;

/** A failure of the next statement that matches; `after` lets it take effect all the same. */
export interface PlannedFailure {
  readonly of: RegExp;
  readonly code: EngineErrorCode;
  readonly when: 'before' | 'after';
}

/**
 * Our own port in memory: enough SQL to tell whether a statement reached the engine, where, and what it left behind. Names
 * are folded, quoted or not, as DuckDB does it.
 */
export class MemoryEngine implements QueryEngine {
  readonly requests: { readonly tenantId: string; readonly namespace: string; readonly sql: string }[] = [];
  openConnections = 0;
  isClosed = false;
  failure: PlannedFailure | undefined;
  /** Called before each statement, which waits for it. */
  before: (sql: string) => Promise<void> | void = () => {};
  readonly dropped: string[] = [];
  private readonly places = new Map<string, Relations>();

  constructor(
    readonly types: readonly StorageType[] = ['duckdb', 'parquet'],
    readonly spansStorages = true,
  ) {}

  allowsFunction(name: string): boolean {
    return ['count', 'wait', 'lower'].includes(name);
  }

  allowsSetting(name: string): boolean {
    return name === 'timezone';
  }

  async checkStorage({ options }: StorageRecord): Promise<void> {
    if (options['path'] !== 'bad') return;
    throw new EngineError({ code: 'invalid_storage', message: 'the path bad is not there' });
  }

  async createNamespace(place: EnginePlace): Promise<void> {
    this.fail(`CREATE NAMESPACE ${place.namespace.name}`, 'before');
    this.at(place.principal.tenantId, place.namespace.name);
    this.fail(`CREATE NAMESPACE ${place.namespace.name}`, 'after');
  }

  async dropNamespace(place: EnginePlace): Promise<void> {
    this.fail(`DROP NAMESPACE ${place.namespace.name}`, 'before');
    this.places.delete(keyOf(place.principal.tenantId, place.namespace.name));
    this.fail(`DROP NAMESPACE ${place.namespace.name}`, 'after');
  }

  async dropStorage({ name }: StorageRecord): Promise<void> {
    this.fail(`DROP STORAGE ${name}`, 'before');
    this.dropped.push(name);
  }

  async connect(place: EnginePlace): Promise<EngineConnection> {
    this.openConnections += 1;
    return new MemoryConnection(this, place);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  at(tenantId: string, namespace: string): Relations {
    const key = keyOf(tenantId, namespace);
    const found = this.places.get(key) ?? new Map<string, Relation>();
    this.places.set(key, found);
    return found;
  }

  fail(sql: string, when: PlannedFailure['when']): void {
    const { failure } = this;
    if (failure === undefined || failure.when !== when || !failure.of.test(sql)) return;
    this.failure = undefined;
    throw new EngineError({ code: failure.code, message: `planned ${failure.code}` });
  }
}

function keyOf(tenantId: string, namespace: string): string {
  return JSON.stringify([tenantId, namespace]);
}

class MemoryConnection implements EngineConnection {
  private readonly temporary: Relations = new Map();
  private before: Map<string, Relation> | undefined;
  private isOpen = true;

  constructor(
    private readonly engine: MemoryEngine,
    private readonly place: EnginePlace,
  ) {}

  async run({ sql, parameters, signal }: EngineRequest): Promise<EngineResult> {
    const { tenantId } = this.place.principal;
    this.engine.requests.push({ tenantId, namespace: this.place.namespace.name, sql });
    await this.engine.before(sql);
    if (!this.isOpen) throw new EngineError({ code: 'unavailable', message: 'the connection is closed' });
    if (/wait\(\)/i.test(sql)) await aborted(signal);
    this.engine.fail(sql, 'before');
    const result = this.answer(sql, parameters, signal);
    this.engine.fail(sql, 'after');
    return result;
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.engine.openConnections -= 1;
    this.rollback();
  }

  private answer(sql: string, parameters: Row, signal: EngineRequest['signal']): EngineResult {
    const text = sql.trim();
    const name = NAME.exec(text)?.[1] ?? '';
    if (/^BEGIN/i.test(text)) this.before = new Map([...this.relations()].map(([key, one]) => [key, copyOf(one)]));
    else if (/^COMMIT/i.test(text)) this.before = undefined;
    else if (/^ROLLBACK/i.test(text)) this.rollback();
    else if (/^CREATE/i.test(text)) this.create(text, name, parameters);
    else if (/^DROP/i.test(text)) this.drop(name, /IF EXISTS/i.test(text));
    else if (/^ALTER/i.test(text)) this.alter(text, name);
    else if (/^INSERT/i.test(text)) return this.insert(text, name, parameters);
    else if (/^(?:UPDATE|DELETE)/i.test(text)) return resultOf([], [], this.get(name).rows.length);
    else if (/^SELECT/i.test(text)) return this.select(text, parameters, signal);
    return resultOf([], [], null);
  }

  private create(text: string, name: string, parameters: Row): void {
    const isTemporary = /^CREATE (?:OR REPLACE )?TEMP/i.test(text);
    const relations = isTemporary ? this.temporary : this.relationsOf(name);
    const key = last(name);
    if (relations.has(key) && !/OR REPLACE/i.test(text)) {
      if (/IF NOT EXISTS/i.test(text)) return;
      throw new EngineError({ code: 'already_exists', message: `the engine has ${key}` });
    }
    const source = /\bAS (SELECT .*)$/is.exec(text)?.[1];
    if (source !== undefined) {
      const [from] = /FROM ([\w."]+)/i.exec(source)?.slice(1) ?? [];
      const copied = from === undefined ? { columns: ['a'], rows: [parameters] } : this.get(from);
      relations.set(key, copyOf(copied));
      return;
    }
    const columns = (/\(([^)]*)\)/.exec(text)?.[1] ?? '').split(',').map((column) => column.trim());
    relations.set(key, { columns, rows: [] });
  }

  private drop(name: string, ifExists: boolean): void {
    if (this.temporary.delete(last(name)) || this.relationsOf(name).delete(last(name)) || ifExists) return;
    throw missing(name);
  }

  private alter(text: string, name: string): void {
    const relation = this.get(name);
    const renamed = /RENAME TO ([\w."]+)/i.exec(text)?.[1];
    if (renamed !== undefined) {
      this.relationsOf(name).delete(last(name));
      this.relationsOf(name).set(last(renamed), relation);
      return;
    }
    const column = /ADD COLUMN (.*)$/i.exec(text)?.[1];
    if (column === undefined) return;
    this.relationsOf(name).set(last(name), { columns: [...relation.columns, column], rows: relation.rows });
  }

  private insert(text: string, name: string, parameters: Row): EngineResult {
    const { rows } = this.get(name);
    const values = [...text.matchAll(/\(([^()]+)\)/g)].map(([, list]) =>
      (list ?? '').split(',').map((value) => (value.trim().startsWith('$') ? parameters[0] : Number(value)) ?? null),
    );
    rows.push(...values);
    return resultOf([], [], values.length);
  }

  private select(text: string, parameters: Row, signal: EngineRequest['signal']): EngineResult {
    const from = /FROM ([\w."]+)/i.exec(text)?.[1];
    if (from === undefined) {
      const value = text.includes('$1') ? (parameters[0] ?? null) : Number(/\d+/.exec(text)?.[0] ?? 1);
      return resultOf(['value INTEGER'], [[value]], null, signal);
    }
    const { columns, rows } = this.get(from);
    return resultOf(columns, /LIMIT 0$/i.test(text) ? [] : rows, null, signal);
  }

  private get(name: string): Relation {
    const found = this.temporary.get(last(name)) ?? this.relationsOf(name).get(last(name));
    if (found === undefined) throw missing(name);
    return found;
  }

  private relationsOf(name: string): Relations {
    const [namespace, table] = name.replaceAll('"', '').toLowerCase().split('.');
    return table === undefined || namespace === undefined
      ? this.relations()
      : this.engine.at(this.place.principal.tenantId, namespace);
  }

  private relations(): Relations {
    return this.engine.at(this.place.principal.tenantId, this.place.namespace.name);
  }

  private rollback(): void {
    if (this.before === undefined) return;
    const relations = this.relations();
    relations.clear();
    for (const [key, relation] of this.before) relations.set(key, relation);
    this.before = undefined;
  }
}

const NAME =
  /^(?:CREATE|DROP|ALTER|INSERT INTO|UPDATE|DELETE FROM) ?(?:OR REPLACE )?(?:TEMP(?:ORARY)? )?(?:TABLE|VIEW)? ?(?:IF (?:NOT )?EXISTS )?([\w."]+)/i;

function last(name: string): string {
  return name.replaceAll('"', '').toLowerCase().split('.').at(-1) ?? '';
}

function copyOf({ columns, rows }: Relation): Relation {
  return { columns, rows: [...rows] };
}

function missing(name: string): EngineError {
  return new EngineError({ code: 'not_found', message: `the engine has no ${last(name)}` });
}

function aborted(signal: EngineRequest['signal']): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal?.reason);
    if (signal?.aborted === true) end();
    signal?.addEventListener('abort', end);
  });
}

/** Row by row, so that a reader can stop in between. */
function resultOf(
  columns: readonly string[],
  rows: readonly Row[],
  rowsAffected: number | null,
  signal?: EngineRequest['signal'],
): EngineResult {
  let isClosed = false;
  return {
    columns: columns.map((column) => {
      const [name = '', type = 'INTEGER'] = column.split(' ');
      return { name, type };
    }),
    rowsAffected,
    async *batches() {
      for (const row of rows) {
        if (isClosed) return;
        signal?.throwIfAborted();
        yield { rowCount: 1, values: row.map((value) => [value]) };
      }
    },
    async close() {
      isClosed = true;
    },
  };
}
