import { randomUUID } from 'node:crypto';
import type { Place } from './place.ts';
import type { Principal } from './principal.ts';
import type { QueryResult } from './query-result.ts';
import type { Session } from './sessions.ts';

export type StatementStatus = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'ABORTED' | 'FAILED';
export type ExecutionMode = 'TRANSACTION' | 'AUTO_COMMIT';
export type ResultFormat = 'JSON' | 'CSV';

export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** One SQL text on its way: a statement, or a member of a batch. */
export class StatementPart {
  status: StatementStatus = 'SUBMITTED';
  updatedAt: number;
  startedAt: number | undefined;
  endedAt: number | undefined;
  error: string | undefined;
  result: QueryResult | undefined;
  /** Rows returned or changed; -1 while unknown. */
  rows = -1;
  hasResultSet = false;
  /** Resolves when it has ended, however it did. */
  readonly done: Promise<void>;
  private resolveDone: () => void = () => undefined;

  constructor(
    readonly id: string,
    readonly sql: string,
    readonly createdAt: number,
  ) {
    this.updatedAt = createdAt;
    this.done = new Promise((resolve) => {
      this.resolveDone = resolve;
    });
  }

  get ended(): boolean {
    return this.status === 'FINISHED' || this.status === 'FAILED' || this.status === 'ABORTED';
  }

  move(status: StatementStatus, now: number): void {
    if (this.ended) return;
    this.status = status;
    this.updatedAt = now;
    if (status === 'STARTED') this.startedAt = now;
    if (!this.ended) return;
    this.endedAt = now;
    this.resolveDone();
  }

  /** Nanoseconds of run time so far; -1 before it started. */
  durationNs(now: number): number {
    return this.startedAt === undefined ? -1 : Math.round(((this.endedAt ?? now) - this.startedAt) * 1e6);
  }
}

export interface StatementInput {
  readonly owner: Principal;
  readonly sqls: readonly string[];
  readonly batch: boolean;
  readonly mode: ExecutionMode;
  readonly format: ResultFormat;
  readonly parameters: readonly Parameter[];
  readonly place: Place;
  readonly session?: Session;
  readonly name?: string;
}

/** What a member of a batch says that was not run. */
const NOT_RUN = 'Connection or a prior query failed.';

/** A submitted statement or batch; members of a batch have ids of their own. */
export class Statement extends StatementPart {
  readonly parts: readonly StatementPart[];
  pid = 0;
  queryId = -1;
  cancelRequested = false;
  cancelling: Promise<void> | undefined;
  /** Long polls on it. */
  waiting = 0;

  constructor(
    readonly input: StatementInput,
    now: number,
    /** Grows from one statement to the next. */
    readonly sequence: number,
    id: string = randomUUID(),
  ) {
    super(id, input.batch ? '' : (input.sqls[0] ?? ''), now);
    this.parts = input.batch ? input.sqls.map((sql, n) => new StatementPart(`${this.id}:${n + 1}`, sql, now)) : [];
  }

  end(status: 'FINISHED' | 'ABORTED' | 'FAILED', now: number): void {
    for (const part of this.parts) {
      if (!part.ended && part.startedAt === undefined) part.error = NOT_RUN;
      part.move('ABORTED', now);
    }
    this.move(status, now);
  }

  part(id: string): StatementPart | undefined {
    return id === this.id ? this : this.parts.find((part) => part.id === id);
  }
}
