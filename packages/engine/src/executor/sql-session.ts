import { randomUUID } from 'node:crypto';
import type { EpochMs } from '@mooring/session-store';
import { foldedName } from '../catalog/names.ts';
import type { ReadName } from '../catalog/records.ts';
import type { CancelSignal } from '../context/cancellation.ts';
import type { Principal } from '../context/principal.ts';
import type { RunningQuery } from '../context/running-queries.ts';
import { EngineError } from '../errors.ts';
import type { EngineConnection, EnginePlace, EngineRequest, EngineResult, QueryEngine } from '../query-engine.ts';
import { isInDoubt } from './run-errors.ts';
import { WatchedBatches } from './watched-batches.ts';

export interface SessionStart {
  readonly principal: Principal;
  readonly namespace: string | undefined;
  readonly openedAt: EpochMs;
  /** Whether statements follow one another on it: a pinned session, or a batch. */
  readonly keepsState: boolean;
  /** Opened by a client, which closes it. */
  readonly isPinned: boolean;
  readonly onClose?: (session: SqlSession) => void;
}

/**
 * What statements that follow one another share: the namespace, the connection with its temporary tables, settings and
 * transaction. Of one principal, for one batch or as long as a client keeps it. One statement at a time.
 */
export class SqlSession {
  readonly id = randomUUID();
  readonly principal: Principal;
  readonly openedAt: EpochMs;
  readonly keepsState: boolean;
  readonly isPinned: boolean;
  namespace: string | undefined;
  /** As SET statement_timeout says. */
  timeoutMs: number | undefined;
  lastUsedAt: EpochMs;
  /** The statement under way. */
  query: RunningQuery | undefined;

  private held: { readonly connection: EngineConnection; readonly namespace: string } | undefined;
  private temporaries = new Map<string, readonly ReadName[]>();
  private temporariesBefore = new Map<string, readonly ReadName[]>();
  private state: 'none' | 'open' | 'failed' = 'none';
  private readonly settings = new Set<string>();
  /** Settles when what was begun on it has ended. */
  private turn: Promise<void> | undefined;
  private isLost = false;
  private closing: Promise<void> | undefined;

  constructor(private readonly start: SessionStart) {
    this.principal = start.principal;
    this.openedAt = start.openedAt;
    this.lastUsedAt = start.openedAt;
    this.keepsState = start.keepsState;
    this.isPinned = start.isPinned;
    this.namespace = start.namespace;
  }

  get transaction(): 'none' | 'open' | 'failed' {
    return this.state;
  }

  get isBusy(): boolean {
    return this.turn !== undefined;
  }

  /** What ends with the connection: a session that has some can't go elsewhere. */
  get unfinished(): string | undefined {
    if (this.state !== 'none') return 'an open transaction';
    if (this.temporaries.size > 0) return 'temporary tables';
    return this.settings.size > 0 ? 'settings' : undefined;
  }

  /**
   * Begins a turn; its end must be told by what this returns.
   *
   * @throws EngineError `session_busy` while another statement runs or is read, `not_found` once it is closed, `unavailable` once it is lost
   */
  takeTurn(): () => void {
    this.assertOpen();
    if (this.turn !== undefined) {
      const message = 'another statement of this session runs, or its result is not read: one at a time';
      throw new EngineError({ code: 'session_busy', message, retryable: true });
    }
    let end = (): void => {};
    this.turn = new Promise<void>((resolve) => (end = resolve));
    return () => {
      this.turn = undefined;
      end();
    };
  }

  /** Goes to another namespace. @throws EngineError `in_use` where something would be lost */
  use(namespace: string): void {
    this.assertMayMove(namespace);
    this.namespace = namespace;
  }

  /** What a temporary table or view of this name reads; undefined where there is none. */
  findTemporary(name: string): readonly ReadName[] | undefined {
    return this.temporaries.get(foldedName(name));
  }

  /** One that may have been there already, as of IF NOT EXISTS, counts as reading what it read, too. */
  addTemporary(name: string, reads: readonly ReadName[]): void {
    const before = this.temporaries.get(foldedName(name)) ?? [];
    this.temporaries.set(foldedName(name), [...before, ...reads]);
  }

  removeTemporary(name: string): void {
    this.temporaries.delete(foldedName(name));
  }

  /** What was set on the connection and not reset. */
  get settingNames(): readonly string[] {
    return [...this.settings];
  }

  noteSetting(name: string, isSet: boolean): void {
    if (isSet) this.settings.add(name);
    else this.settings.delete(name);
  }

  /** Runs a statement on the session's connection, which is opened for the first one. @throws EngineError */
  async run(engine: QueryEngine, place: EnginePlace, request: EngineRequest): Promise<EngineResult> {
    const connection = await this.connectionAt(engine, place);
    try {
      return this.watched(await connection.run(request), request.signal);
    } catch (error) {
      this.noteFailure();
      throw error;
    }
  }

  /** @throws EngineError `conflict` if there is a transaction already */
  async begin(engine: QueryEngine, place: EnginePlace, request: Omit<EngineRequest, 'sql'>): Promise<void> {
    if (this.state !== 'none') {
      throw new EngineError({ code: 'conflict', message: 'there is an open transaction: COMMIT or ROLLBACK it first' });
    }
    this.temporariesBefore = new Map(this.temporaries);
    try {
      await settled(await this.run(engine, place, { ...request, sql: 'BEGIN TRANSACTION' }));
    } catch (error) {
      // It may have begun: what runs next would be a part of it, and be lost with it.
      if (isInDoubt(error)) await this.undo(request);
      throw error;
    }
    this.state = 'open';
  }

  /** @throws EngineError `no_transaction` */
  async end(how: 'COMMIT' | 'ROLLBACK', request: Omit<EngineRequest, 'sql'>): Promise<void> {
    if (this.state === 'none') {
      throw new EngineError({ code: 'no_transaction', message: `${how}: there is no open transaction` });
    }
    const hasFailed = this.state === 'failed';
    const sql = hasFailed ? 'ROLLBACK' : how;
    try {
      if (this.held !== undefined) await settled(await this.held.connection.run({ ...request, sql }));
    } catch (error) {
      await this.undo(request);
      throw error;
    }
    this.ended(sql === 'ROLLBACK');
    if (!hasFailed || how === 'ROLLBACK') return;
    const message = 'a statement of the transaction failed: it was rolled back, none of it is kept';
    throw new EngineError({ code: 'no_transaction', message });
  }

  /** Ends the connection with all that is on it, and cancels what runs. */
  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  /** After a COMMIT that failed, or a BEGIN that may have. A connection of which it is not known whether it is in a transaction is given up. */
  private async undo({ parameters, timeoutMs }: Omit<EngineRequest, 'sql'>): Promise<void> {
    try {
      if (this.held === undefined) return;
      await settled(await this.held.connection.run({ sql: 'ROLLBACK', parameters, timeoutMs }));
    } catch (error) {
      if (isInDoubt(error)) {
        this.isLost = true;
        await this.drop();
      }
    } finally {
      this.ended(true);
    }
  }

  private ended(isUndone: boolean): void {
    this.state = 'none';
    if (isUndone && this.held !== undefined) this.temporaries = this.temporariesBefore;
  }

  private async closeOnce(): Promise<void> {
    this.query?.cancel('the session was closed');
    await this.turn;
    try {
      await this.drop();
    } finally {
      this.start.onClose?.(this);
    }
  }

  private async connectionAt(engine: QueryEngine, place: EnginePlace): Promise<EngineConnection> {
    this.assertOpen();
    const namespace = place.namespace.name;
    if (this.held?.namespace === namespace) return this.held.connection;
    this.assertMayMove(namespace);
    await this.drop();
    const connection = await engine.connect(place);
    this.held = { connection, namespace };
    return connection;
  }

  private assertOpen(): void {
    if (this.isLost) {
      const message = 'the session has lost its connection, with all that was on it: open another one';
      throw new EngineError({ code: 'unavailable', message });
    }
    if (this.closing !== undefined) throw new EngineError({ code: 'not_found', message: 'the session is closed' });
  }

  private assertMayMove(namespace: string): void {
    if (this.held === undefined || foldedName(this.held.namespace) === foldedName(namespace)) return;
    if (this.unfinished === undefined) return;
    const message = `the session has ${this.unfinished} in namespace ${this.held.namespace}: end them, write namespace.table, or open another session`;
    throw new EngineError({ code: 'in_use', message });
  }

  private async drop(): Promise<void> {
    const { held } = this;
    this.held = undefined;
    this.state = 'none';
    this.temporaries.clear();
    this.settings.clear();
    await held?.connection.close();
  }

  private noteFailure(): void {
    if (this.state === 'open') this.state = 'failed';
  }

  /** A cancelled result has failed its transaction, also where nobody was reading it. */
  private watched(result: EngineResult, signal: CancelSignal | undefined): EngineResult {
    return {
      columns: result.columns,
      rowsAffected: result.rowsAffected,
      batches: () => new WatchedBatches(result.batches(), { ended: this.noteEnd }),
      close: () => {
        if (result.columns.length > 0 && signal?.aborted === true) this.noteFailure();
        return result.close();
      },
    };
  }

  private readonly noteEnd = (failure: unknown): undefined => {
    if (failure !== undefined) this.noteFailure();
  };
}

/** Reads a result without rows to its end. */
export async function settled(result: EngineResult): Promise<void> {
  try {
    for await (const batch of result.batches()) void batch;
  } finally {
    await result.close();
  }
}
