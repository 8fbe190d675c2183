import { randomUUID } from 'node:crypto';
import type { Clock, EpochMs } from '@mooring/session-store';
import { EngineError } from '../errors.ts';
import type { StatementKind } from '../sql/statement.ts';
import { Cancellation } from './cancellation.ts';
import type { CancelSignal } from './cancellation.ts';
import type { Principal } from './principal.ts';
import type { RecordedQueries } from './recorded-queries.ts';

export interface QueryStart {
  readonly principal: Principal;
  readonly kind: StatementKind;
  /** Its text, or what stands for it where the text holds a secret. */
  readonly statement: string;
  readonly namespace: string | undefined;
  readonly sessionId: string | undefined;
  readonly clientAddress: string | undefined;
  /** Ends the statement from outside. */
  readonly signal: CancelSignal | undefined;
}

/** A statement that runs in this process, or whose result is being read. */
export class RunningQuery {
  readonly id = randomUUID();
  /** From 0 to 1, where the engine knows. */
  progress: number | null = null;
  state: 'running' | 'streaming' = 'running';
  private readonly cancellation = new Cancellation();

  constructor(
    readonly start: QueryStart,
    readonly startedAt: EpochMs,
    private readonly onFinish: (query: RunningQuery) => void,
  ) {
    start.signal?.addEventListener('abort', this.follow);
    if (start.signal?.aborted === true) this.follow();
  }

  get signal(): CancelSignal {
    return this.cancellation;
  }

  cancel(reason: string): void {
    this.cancellation.abort(new EngineError({ code: 'cancelled', message: reason }));
  }

  /** Its result is read or given up. Once is enough, more does nothing. */
  finish(): void {
    this.start.signal?.removeEventListener('abort', this.follow);
    this.onFinish(this);
  }

  private readonly follow = (): void => this.cancel('the statement was cancelled by its caller');
}

/** What runs in this process now, by its id. */
export class RunningQueries {
  private readonly queries = new Map<string, RunningQuery>();
  private waiting: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly recorded: RecordedQueries | undefined,
  ) {}

  get count(): number {
    return this.queries.size;
  }

  start(start: QueryStart): RunningQuery {
    const query = new RunningQuery(start, this.clock.now(), (over) => this.remove(over));
    this.queries.set(query.id, query);
    this.recorded?.watch(query);
    return query;
  }

  find(tenantId: string, id: string): RunningQuery | undefined {
    const query = this.queries.get(id);
    return query?.start.principal.tenantId === tenantId ? query : undefined;
  }

  list(tenantId: string): readonly RunningQuery[] {
    return [...this.queries.values()].filter(({ start }) => start.principal.tenantId === tenantId);
  }

  /** Cancels all, and resolves when none runs any more. */
  async drain(reason: string): Promise<void> {
    for (const query of this.queries.values()) query.cancel(reason);
    if (this.queries.size > 0) await new Promise<void>((resolve) => void this.waiting.push(resolve));
  }

  private remove(query: RunningQuery): void {
    this.queries.delete(query.id);
    this.recorded?.forget(query);
    if (this.queries.size > 0) return;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
