import { systemClock } from '@mooring/session-store';
import type { Clock, EpochMs, SessionStore } from '@mooring/session-store';
import type { AuditEvent, AuditSink } from '../audit/audit-sink.ts';
import { Catalog } from '../catalog/catalog.ts';
import type { DefaultStorage } from '../catalog/catalog.ts';
import type { CatalogStore } from '../catalog/catalog-store.ts';
import { assertPlainName } from '../catalog/names.ts';
import type { StorageRecord, StorageType } from '../catalog/records.ts';
import { EngineError } from '../errors.ts';
import { HandlerRegistry } from '../executor/statement-handler.ts';
import type { StatementHandler } from '../executor/statement-handler.ts';
import type { StatementObserver } from '../executor/statement-observer.ts';
import { registerHandlers } from '../handlers/register-handlers.ts';
import type { QueryEngine } from '../query-engine.ts';
import { SystemSchema } from '../system/system-schema.ts';
import type { SystemSources } from '../system/system-sources.ts';
import type { UserDirectory } from '../users/user-directory.ts';
import { optionsFrom } from './options.ts';
import type { EngineOptions } from './options.ts';
import { RunningQueries } from './running-queries.ts';
import { RecordedQueries } from './recorded-queries.ts';
import { SqlSessions } from './sql-sessions.ts';

export interface EngineContextParts {
  /** Closed with the context, as the engines are. */
  readonly catalog: CatalogStore;
  /** Each type of storage is of one of them at most. */
  readonly engines: readonly QueryEngine[];
  readonly users: UserDirectory;
  readonly audit: AuditSink;
  /** Told when an audit event could not be recorded. */
  readonly onAuditFailure?: (error: unknown, event: AuditEvent) => void;
  readonly observer?: StatementObserver;
  readonly clock?: Clock;
  readonly defaultStorage?: DefaultStorage;
  readonly options?: Partial<EngineOptions>;
  /** For kinds of statements that have none here, such as KILL JOB. */
  readonly handlers?: readonly StatementHandler[];
  /**
   * Where statements that run for a while are seen and ended by other processes. Without it each process has its own.
   */
  readonly queryRecords?: SessionStore;
  /** Rows of the `system` schema that others have. */
  readonly sources?: SystemSources;
  /** For tests, which build one each. */
  readonly allowSeveral?: boolean;
}

/**
 * What all requests of a process share: catalog, engines, handlers, the `system` schema, audit, clock and what runs. It is
 * built once, at start; requests point at it with an `ExecutionContext`.
 */
export class EngineContext {
  private static builtCount = 0;

  /** How many were built in this process. */
  static get built(): number {
    return EngineContext.builtCount;
  }

  readonly catalog: Catalog;
  readonly users: UserDirectory;
  readonly audit: AuditSink;
  readonly observer: StatementObserver | undefined;
  readonly clock: Clock;
  readonly options: EngineOptions;
  readonly handlers = new HandlerRegistry();
  readonly queries: RunningQueries;
  /** Undefined where each process has its own. */
  readonly recordedQueries: RecordedQueries | undefined;
  readonly sessions: SqlSessions;
  readonly system: SystemSchema;
  readonly startedAt: EpochMs;
  /** Since the start, over all tenants. */
  readonly counts = { statements: 0, failed: 0, denied: 0, auditFailures: 0, recordingFailures: 0 };

  private readonly engines = new Map<StorageType, QueryEngine>();
  private closing: Promise<void> | undefined;

  private constructor(private readonly parts: EngineContextParts) {
    this.clock = parts.clock ?? systemClock;
    this.options = optionsFrom(parts.options ?? {});
    this.users = parts.users;
    this.audit = parts.audit;
    this.observer = parts.observer;
    this.startedAt = this.clock.now();
    this.recordedQueries = this.queryRecordsOf(parts.queryRecords);
    this.queries = new RunningQueries(this.clock, this.recordedQueries);
    this.sessions = new SqlSessions(this.clock, this.options);
    for (const engine of parts.engines) this.addEngine(engine);
    const { defaultStorage } = parts;
    if (defaultStorage !== undefined) this.assertDefaultStorage(defaultStorage);
    const claimMs = this.options.longestStatementMs;
    this.catalog = new Catalog({ store: parts.catalog, clock: this.clock, defaultStorage, claimMs });
    this.system = new SystemSchema(parts.sources ?? {});
    registerHandlers(this.handlers);
    for (const handler of parts.handlers ?? []) this.handlers.register(handler);
  }

  /** @throws EngineError `misconfigured` for a second one in a process, and for parts that don't fit together */
  static build(parts: EngineContextParts): EngineContext {
    if (EngineContext.builtCount > 0 && parts.allowSeveral !== true) {
      const message = 'this process has built its EngineContext already: share that one; allowSeveral is for tests';
      throw new EngineError({ code: 'misconfigured', message });
    }
    const context = new EngineContext(parts);
    EngineContext.builtCount += 1;
    return context;
  }

  /** @throws EngineError `unavailable` */
  engineOf({ name, type }: Pick<StorageRecord, 'name' | 'type'>): QueryEngine {
    const engine = this.engines.get(type);
    if (engine !== undefined) return engine;
    const message = `storage ${name} is of type ${type}, for which there is no engine here`;
    throw new EngineError({ code: 'no_engine', message });
  }

  hasEngineOf(type: StorageType): boolean {
    return this.engines.has(type);
  }

  /** @throws EngineError `unavailable` once it is being closed */
  assertOpen(): void {
    if (this.closing === undefined) return;
    throw new EngineError({ code: 'unavailable', message: 'the engine is closed', retryable: true });
  }

  /** Never rejects: a statement's answer doesn't depend on it. */
  async recordAudit(event: AuditEvent): Promise<void> {
    try {
      await this.audit.record(event);
    } catch (error) {
      this.counts.auditFailures += 1;
      this.parts.onAuditFailure?.(error, event);
    }
  }

  /** Cancels what runs, waits for its end, and closes sessions, engines and the catalog store. Once is enough. */
  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    await this.queries.drain('the engine is closed');
    await this.recordedQueries?.close();
    const ends = await Promise.allSettled([
      this.sessions.close().then(() => Promise.all([...new Set(this.engines.values())].map((one) => one.close()))),
      this.parts.catalog.close(),
    ]);
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  private queryRecordsOf(sessions: SessionStore | undefined): RecordedQueries | undefined {
    if (sessions === undefined) return undefined;
    const onFailure = (): void => void (this.counts.recordingFailures += 1);
    return new RecordedQueries({ sessions, clock: this.clock, onFailure });
  }

  private addEngine(engine: QueryEngine): void {
    for (const type of engine.types) {
      if (this.engines.has(type)) {
        throw new EngineError({ code: 'misconfigured', message: `there are two engines for storages of type ${type}` });
      }
      this.engines.set(type, engine);
    }
  }

  private assertDefaultStorage({ name, type }: DefaultStorage): void {
    assertPlainName('default storage', name);
    if (this.hasEngineOf(type)) return;
    const message = `the default storage ${name} is of type ${type}, for which there is no engine`;
    throw new EngineError({ code: 'misconfigured', message });
  }
}
