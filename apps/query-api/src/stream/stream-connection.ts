import type { Principal as TokenHolder } from '@mooring/auth-tokens';
import type { TokenVerifier } from '@mooring/nest-access';
import { ProblemError, validationProblem } from '@mooring/nest-runtime';
import type { Logger } from '@mooring/nest-runtime';
import type { RateLimiter } from '@mooring/usage-limits';
import type { RawData, WebSocket } from 'ws';
import { callerOf } from '../authentication.ts';
import type { Queries } from '../queries/queries.ts';
import type { QueryRows } from '../queries/query-rows.ts';
import type { QueryWatch } from '../queries/query-watch.ts';
import type { SessionWatch } from '../queries/session-watch.ts';
import { MessageLine } from './message-line.ts';
import { CLOSE, clientMessage } from './stream-messages.ts';
import type { ClientMessage, RunMessage, ServerMessage } from './stream-messages.ts';
import type { StreamPlace } from './stream-places.ts';
import { streamProblem } from './stream-problem.ts';
import type { StreamSessions } from './stream-sessions.ts';
import { StreamedQuery } from './streamed-query.ts';

const AUTHENTICATE_WITHIN_MS = 10_000;
/** What the line may hold that the client has not taken yet. */
const MOST_BUFFERED_BYTES = 1_048_576;
const LOOK_AT_BUFFER_MS = 20;
const MOST_QUERIES = 8;
/** A client that goes on although it is told not to is cut off. */
const MOST_REFUSALS = 20;

export interface StreamConnectionParts {
  readonly tokens: TokenVerifier;
  readonly uses: StreamSessions;
  readonly messages: RateLimiter;
  readonly queries: Queries;
  readonly watch: QueryWatch;
  readonly rows: QueryRows;
  readonly sessions: SessionWatch;
  readonly logger: Logger;
}

/** One WebSocket: who it is, how many messages it may send, and the queries that it started. */
export class StreamConnection {
  private readonly running = new Map<string, StreamedQuery>();
  /** One message after the other, so that what comes after `authenticate` is not refused for being early. */
  private readonly line: MessageLine;
  private readonly deadline: NodeJS.Timeout;
  private holder: TokenHolder | undefined;
  private unwatch = (): void => {};
  private refusals = 0;
  private over = false;
  private windingDown = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly parts: StreamConnectionParts,
    private readonly place: StreamPlace,
    holder?: TokenHolder,
  ) {
    this.line = new MessageLine(socket, (data, isBinary) => this.take(data, isBinary));
    this.deadline = setTimeout(() => this.close(CLOSE.unauthenticated, 'no token in time'), AUTHENTICATE_WITHIN_MS);
    socket.on('close', () => this.end());
    socket.on('error', () => this.end());
    if (holder !== undefined) this.accept(holder);
  }

  /** Nothing is acted on after it, whether the client agrees or not. */
  close(code: number, reason: string): void {
    if (this.over) return;
    this.socket.close(code, reason);
    this.end();
  }

  /** What runs goes on to its end, then the connection closes. Nothing more is started. */
  windDown(): void {
    this.windingDown = true;
    if (this.running.size === 0) this.close(CLOSE.goingAway, 'this process is shutting down');
  }

  private async take(data: RawData, isBinary: boolean): Promise<void> {
    let ref: string | undefined;
    try {
      const message = read(data, isBinary);
      ref = 'ref' in message ? message.ref : undefined;
      if (message.type === 'authenticate') await this.authenticate(message.token);
      else if (await this.mayGoOn()) this.act(message);
    } catch (error) {
      this.refuse(error, ref);
    }
  }

  private async authenticate(token: string): Promise<void> {
    const { holder: before } = this;
    if (before !== undefined) await this.count(before);
    const verified = await this.parts.tokens.verify(token).catch((error: unknown) => this.refuse(error));
    if (verified === undefined) return this.close(CLOSE.tryAgainLater, 'the token could not be looked up');
    if (!verified.ok) return this.close(CLOSE.unauthenticated, 'the token is not good');
    const holder = verified.value;
    if (before === undefined) await this.count(holder);
    else if (!isSameUser(before, holder)) return this.close(CLOSE.policy, 'a connection belongs to one user');
    this.accept(holder);
  }

  private accept(holder: TokenHolder): void {
    if (this.over) return;
    if (!this.place.passTo(sessionKey(holder))) {
      return this.close(CLOSE.tryAgainLater, 'the session has too many connections');
    }
    clearTimeout(this.deadline);
    this.holder = holder;
    this.unwatch();
    this.unwatch = this.parts.sessions.watch(callerOf(holder), () => {
      this.close(CLOSE.unauthenticated, 'the session ended');
    });
    this.tell({ type: 'ready', tenantId: holder.tenantId, userId: holder.subjectId });
  }

  /** Each message proves anew that the session is good, and counts as use of it. */
  private async mayGoOn(): Promise<boolean> {
    const { holder } = this;
    if (holder === undefined) this.close(CLOSE.unauthenticated, 'authenticate first');
    else if (!(await this.parts.uses.use(holder))) this.close(CLOSE.unauthenticated, 'the session ended');
    else await this.count(holder);
    return !this.over;
  }

  private async count({ tenantId, id: session, subjectId: user }: TokenHolder): Promise<void> {
    const { allowed, retryAfterMs } = await this.parts.messages.take({ tenantId, session, user });
    if (allowed) return;
    const detail = 'There were too many messages; wait for the time in retryAfterSeconds.';
    throw new ProblemError('too_many_requests', detail, { retryAfterMs });
  }

  private act(message: Exclude<ClientMessage, { type: 'authenticate' }>): void {
    const running = this.running.get(message.ref);
    if (message.type === 'cancel') {
      running?.cancel().catch((error: unknown) => this.refuse(error, message.ref));
      return;
    }
    if (this.windingDown)
      throw new ProblemError('shutting_down', 'Another process takes the statement. Connect again.');
    if (running !== undefined) throw refFault('names a query that is still running on this connection');
    if (this.running.size >= MOST_QUERIES) throw refFault(`is one too many: ${MOST_QUERIES} queries may run at once`);
    this.start(message);
  }

  private start(message: RunMessage): void {
    const { holder } = this;
    if (holder === undefined) return;
    const { queries, watch, rows } = this.parts;
    const query = new StreamedQuery({ queries, watch, rows, send: (out) => this.send(out) }, callerOf(holder), message);
    this.running.set(message.ref, query);
    void query
      .run()
      .catch((error: unknown) => {
        this.refuse(error, message.ref);
        return this.drained();
      })
      .finally(() => {
        this.running.delete(message.ref);
        if (this.windingDown) this.windDown();
      });
  }

  private refuse(error: unknown, ref?: string): undefined {
    if (this.over) return;
    const { problem, unexpected } = streamProblem(error);
    if (unexpected)
      this.parts.logger.error({ context: 'Stream', error: nameOf(error) }, 'A message failed unexpectedly');
    this.tell({ type: 'problem', ...(ref === undefined ? {} : { ref }), problem });
    if (ref === undefined || problem.status === 429) this.refusals += 1;
    if (this.refusals >= MOST_REFUSALS) this.close(CLOSE.tryAgainLater, 'too many messages were refused');
    return;
  }

  /** Waits while the client is slower than the rows come. */
  private send(message: ServerMessage): Promise<void> {
    this.tell(message);
    return this.drained();
  }

  private tell(message: ServerMessage): void {
    const { socket } = this;
    if (!this.over && socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  }

  private async drained(): Promise<void> {
    while (!this.over && this.socket.bufferedAmount > MOST_BUFFERED_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AT_BUFFER_MS));
    }
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.deadline);
    this.line.stop();
    this.unwatch();
    this.place.release();
    for (const query of this.running.values()) {
      query
        .leave()
        .catch(() => this.parts.logger.warn({ context: 'Stream' }, 'A query of a closed connection goes on'));
    }
  }
}

/** What the connections of a session are counted under. */
export function sessionKey({ tenantId, id }: TokenHolder): string {
  return `${tenantId}/${id}`;
}

function read(data: RawData, isBinary: boolean): ClientMessage {
  let value: unknown;
  try {
    if (isBinary) throw new SyntaxError('binary');
    value = JSON.parse((data as Buffer).toString('utf8'));
  } catch (cause) {
    throw new ProblemError('malformed_json', 'A message is one JSON object, as text.', { cause });
  }
  const result = clientMessage.safeParse(value);
  if (result.success) return result.data;
  throw validationProblem(
    result.error.issues.map(({ path, message }) => ({
      pointer: `#${path.map((part) => `/${String(part)}`).join('')}`,
      detail: message,
    })),
  );
}

function refFault(detail: string): ProblemError {
  return validationProblem([{ pointer: '#/ref', detail }]);
}

function isSameUser(one: TokenHolder, other: TokenHolder): boolean {
  return one.tenantId === other.tenantId && one.subjectId === other.subjectId;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
