import type { Principal } from '../api-tokens.ts';
import { stateOf } from '../queries/query-answer.ts';
import { assertFinished } from '../queries/query-outcome.ts';
import type { Queries, Submitted } from '../queries/queries.ts';
import { isOver } from '../queries/query-record.ts';
import type { QueryStatus } from '../queries/query-record.ts';
import type { StoredQuery } from '../queries/query-records.ts';
import type { QueryWatch } from '../queries/query-watch.ts';
import type { QueryRows } from '../queries/query-rows.ts';
import type { RunMessage, ServerMessage } from './stream-messages.ts';

/** Rows in one message. */
const PAGE_ROWS = 1000;
/** A statement that goes on is heard of so often; until it runs it is looked at sooner. */
const STATE_EVERY_MS = 5000;
const FIRST_LOOK_MS = 50;
const LOOK_WHILE_QUEUED_MS = 200;

export interface StreamedQueryParts {
  readonly queries: Queries;
  readonly watch: QueryWatch;
  readonly rows: QueryRows;
  /** Resolves when the client has taken in enough for more to be sent. */
  readonly send: (message: ServerMessage) => Promise<void>;
}

/** One query of a connection: starts it, tells how it goes, then its rows. */
export class StreamedQuery {
  private readonly left = new AbortController();
  private submitted: Submitted | undefined;
  private stopAsked = false;
  private told: { readonly status: QueryStatus; readonly at: number } | undefined;

  constructor(
    private readonly parts: StreamedQueryParts,
    private readonly owner: Principal,
    private readonly message: RunMessage,
  ) {}

  /** Ends when the last message was sent. Rejects with what the query failed with. */
  async run(): Promise<void> {
    const { type: _, ref, idempotencyKey, ...request } = this.message;
    const { queries, send } = this.parts;
    this.submitted =
      idempotencyKey === undefined
        ? await queries.start(this.owner, request)
        : await queries.startOnce(this.owner, request, idempotencyKey);
    if (this.stopAsked) await this.cancel();
    const query = await this.untilOver(this.submitted);
    if (query === undefined) return;
    assertFinished(query);
    const [rowsSent] = await Promise.all([this.sendRows(query), this.submitted.execution?.over]);
    if (this.left.signal.aborted) return;
    const final = (await this.submitted.execution?.standing()) ?? query;
    await send({ type: 'end', ref, query: stateOf(final), rowsSent });
  }

  /** Asks the statement to stop; its end is told as any other. */
  async cancel(): Promise<void> {
    this.stopAsked = true;
    if (this.submitted !== undefined) await this.parts.watch.cancel(this.owner, this.submitted.id);
  }

  /** Nobody listens any more. The statement is asked to stop: its rows would go nowhere. */
  async leave(): Promise<void> {
    this.left.abort();
    await this.cancel();
  }

  private async untilOver({ id, execution }: Submitted): Promise<StoredQuery | undefined> {
    for (let lookAfterMs = FIRST_LOOK_MS; !this.left.signal.aborted; lookAfterMs = this.nextLookMs(lookAfterMs)) {
      if (execution === undefined) {
        const query = await this.parts.watch.wait(this.owner, id, lookAfterMs);
        if (query === undefined || isOver(query.record)) return query;
        await this.tell(query);
      } else {
        await execution.wait(lookAfterMs, this.left.signal);
        if (execution.refusal !== undefined) await this.refused(execution.refusal, execution.over);
        const query = await execution.standing();
        if (execution.hasEnded) return query;
        await this.tell(query);
      }
    }
    return undefined;
  }

  private nextLookMs(lastMs: number): number {
    return Math.min(lastMs * 2, this.told?.status === 'queued' ? LOOK_WHILE_QUEUED_MS : STATE_EVERY_MS);
  }

  /** A change at once, else a sign of life now and then. */
  private async tell(query: StoredQuery): Promise<void> {
    const { status } = query.record;
    const now = performance.now();
    if (this.told?.status === status && now - this.told.at < STATE_EVERY_MS) return;
    this.told = { status, at: now };
    await this.parts.send({ type: 'state', ref: this.message.ref, query: stateOf(query) });
  }

  private async refused(refusal: unknown, over: Promise<void>): Promise<never> {
    await over;
    throw refusal;
  }

  private async sendRows(query: StoredQuery): Promise<number> {
    const { hasResultSet, exportAs } = query.record;
    if (hasResultSet !== true || exportAs !== undefined) return 0;
    const most = this.message.maxRows ?? Number.MAX_SAFE_INTEGER;
    let sent = 0;
    let cursor: string | undefined;
    while (!this.left.signal.aborted && sent < most) {
      const room = Math.min(PAGE_ROWS, most - sent);
      const wanted = { limit: room, cursor, alreadyRead: sent };
      const { columns, rows, nextCursor } = await this.parts.rows.read(this.owner, query, wanted);
      const head = sent === 0 ? { columns: [...columns] } : {};
      await this.parts.send({ type: 'rows', ref: this.message.ref, ...head, rows });
      sent += rows.length;
      cursor = nextCursor;
      if (cursor === undefined) break;
    }
    return sent;
  }
}
