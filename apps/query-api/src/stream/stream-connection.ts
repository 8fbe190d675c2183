import type { Principal as TokenHolder } from '@mooring/auth-tokens';
import type { TokenVerifier } from '@mooring/nest-access';
import { ProblemError, validationProblem } from '@mooring/nest-runtime';
import type { Logger } from '@mooring/nest-runtime';
import type { RateLimiter } from '@mooring/usage-limits';
import type { RawData, WebSocket } from 'ws';
import { callerOf } from '../authentication.ts';
import type { Queries } from '../queries/queries.ts';
import type { QueryWatch } from '../queries/query-watch.ts';
import type { SessionWatch } from '../queries/session-watch.ts';
import { CLOSE, clientMessage } from './stream-messages.ts';
import type { ClientMessage, RunMessage, ServerMessage } from './stream-messages.ts';
import { streamProblem } from './stream-problem.ts';
import { StreamedQuery } from './streamed-query.ts';

const AUTHENTICATE_WITHIN_MS = 5000;
/** What the line may hold that the client has not taken yet. */
const MOST_BUFFERED_BYTES = 1_048_576;
const LOOK_AT_BUFFER_MS = 20;
const MOST_QUERIES = 8;
/** A client that goes on although it is told not to is cut off. */
const MOST_REFUSALS = 20;

export interface StreamConnectionParts {
  readonly tokens: TokenVerifier;
  readonly messages: RateLimiter;
  readonly queries: Queries;
  readonly watch: QueryWatch;
  readonly sessions: SessionWatch;
  readonly logger: Logger;
}

/** One WebSocket: who it is, how many messages it may send, and the queries that it started. */
export class StreamConnection {
  private readonly running = new Map<string, StreamedQuery>();
  private holder: TokenHolder | undefined;
  private unwatch = (): void => {};
  private refusals = 0;
  /** One message after the other, so that what comes after `authenticate` is not refused for being early. */
  private line: Promise<void> = Promise.resolve();

  constructor(
    private readonly socket: WebSocket,
    private readonly parts: StreamConnectionParts,
    private token: string | undefined,
  ) {
    const deadline = setTimeout(() => {
      if (this.holder === undefined) this.close(CLOSE.unauthenticated, 'no token in time');
    }, AUTHENTICATE_WITHIN_MS);
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.line = this.line.then(() => this.take(data, isBinary));
    });
    socket.on('close', () => {
      clearTimeout(deadline);
      this.end();
    });
    socket.on('error', () => socket.terminate());
    if (token !== undefined) this.line = this.authenticate(token);
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  private async take(data: RawData, isBinary: boolean): Promise<void> {
    let ref: string | undefined;
    try {
      const message = read(data, isBinary);
      ref = 'ref' in message ? message.ref : undefined;
      if (message.type === 'authenticate') await this.authenticate(message.token);
      else if (await this.mayGoOn()) this.act(message);
    } catch (error) {
      await this.refuse(error, ref);
    }
  }

  private async authenticate(token: string): Promise<void> {
    const verified = await this.parts.tokens.verify(token).catch((error: unknown) => this.refuse(error));
    if (verified === undefined) return this.close(CLOSE.tryAgainLater, 'the token could not be looked up');
    if (!verified.ok) return this.close(CLOSE.unauthenticated, 'the token is not good');
    const holder = verified.value;
    if (this.holder !== undefined && !isSameUser(this.holder, holder)) {
      return this.close(CLOSE.policy, 'a connection belongs to one user');
    }
    this.token = token;
    this.holder = holder;
    this.unwatch();
    this.unwatch = this.parts.sessions.watch(callerOf(holder), () => {
      this.close(CLOSE.unauthenticated, 'the session ended');
    });
    await this.send({ type: 'ready', tenantId: holder.tenantId, userId: holder.subjectId });
  }

  /** Each message proves anew that the token is good, and counts as use of it. */
  private async mayGoOn(): Promise<boolean> {
    if (this.token === undefined || this.holder === undefined) {
      this.close(CLOSE.unauthenticated, 'authenticate first');
      return false;
    }
    const verified = await this.parts.tokens.verify(this.token);
    if (!verified.ok) {
      this.close(CLOSE.unauthenticated, 'the token is not good any more');
      return false;
    }
    const { tenantId, id: session, subjectId: user } = this.holder;
    const decision = await this.parts.messages.take({ tenantId, session, user });
    if (decision.allowed) return true;
    throw new ProblemError(
      'too_many_requests',
      'There were too many messages; wait for the time in retryAfterSeconds.',
      {
        retryAfterMs: decision.retryAfterMs,
      },
    );
  }

  private act(message: Exclude<ClientMessage, { type: 'authenticate' }>): void {
    const running = this.running.get(message.ref);
    if (message.type === 'cancel') {
      void running?.cancel().catch((error: unknown) => this.refuse(error, message.ref));
      return;
    }
    if (running !== undefined) throw refFault('names a query that is still running on this connection');
    if (this.running.size >= MOST_QUERIES) throw refFault(`is one too many: ${MOST_QUERIES} queries may run at once`);
    this.start(message);
  }

  private start(message: RunMessage): void {
    const { holder } = this;
    if (holder === undefined) return;
    const { queries, watch } = this.parts;
    const query = new StreamedQuery({ queries, watch, send: (out) => this.send(out) }, callerOf(holder), message);
    this.running.set(message.ref, query);
    void query
      .run()
      .catch((error: unknown) => this.refuse(error, message.ref))
      .finally(() => this.running.delete(message.ref));
  }

  private async refuse(error: unknown, ref?: string): Promise<undefined> {
    const { problem, unexpected } = streamProblem(error);
    if (unexpected)
      this.parts.logger.error({ context: 'Stream', error: nameOf(error) }, 'A message failed unexpectedly');
    await this.send({ type: 'problem', ...(ref === undefined ? {} : { ref }), problem });
    if (ref === undefined || problem.status === 429) this.refusals += 1;
    if (this.refusals >= MOST_REFUSALS) this.close(CLOSE.tryAgainLater, 'too many messages were refused');
    return undefined;
  }

  /** Waits while the client is slower than the rows come. */
  private async send(message: ServerMessage): Promise<void> {
    const { socket } = this;
    if (socket.readyState !== socket.OPEN) return;
    socket.send(JSON.stringify(message));
    while (socket.bufferedAmount > MOST_BUFFERED_BYTES && socket.readyState === socket.OPEN) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AT_BUFFER_MS));
    }
  }

  private end(): void {
    this.unwatch();
    for (const query of this.running.values()) {
      query
        .leave()
        .catch(() => this.parts.logger.warn({ context: 'Stream' }, 'A query of a closed connection goes on'));
    }
  }
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
