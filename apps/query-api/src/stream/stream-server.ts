import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Principal as TokenHolder } from '@mooring/auth-tokens';
import { AUTH_NAMESPACE, TokenVerifier } from '@mooring/nest-access';
import { Logger, Metrics, ServiceLifecycle } from '@mooring/nest-runtime';
import { storeToken } from '@mooring/nest-session-store';
import { RateLimitStore } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { RateLimiter } from '@mooring/usage-limits';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { QueryApiConfig } from '../config.ts';
import { Queries } from '../queries/queries.ts';
import { QueryRows } from '../queries/query-rows.ts';
import { QueryWatch } from '../queries/query-watch.ts';
import { SessionWatch } from '../queries/session-watch.ts';
import { StreamAddress } from './stream-address.ts';
import { StreamConnection, sessionKey } from './stream-connection.ts';
import { StreamPlaces } from './stream-places.ts';
import type { StreamPlace } from './stream-places.ts';
import { StreamSessions } from './stream-sessions.ts';

export const STREAM_PATH = '/v1/stream';
/** How long a client may take to answer a close before it is cut off. */
const CLOSE_WITHIN_MS = 1500;

const REFUSALS = {
  401: ['Unauthorized', 'WWW-Authenticate: Bearer error="invalid_token"\r\n'],
  404: ['Not Found', ''],
  429: ['Too Many Requests', 'Retry-After: 5\r\n'],
  503: ['Service Unavailable', 'Retry-After: 5\r\n'],
} as const;
type Refusal = keyof typeof REFUSALS;

/** Statements over a WebSocket: how they go, and their rows as they are read. */
@Injectable()
export class StreamServer implements OnApplicationBootstrap {
  private readonly connections = new Set<StreamConnection>();
  private readonly places: StreamPlaces;
  private readonly address: StreamAddress;
  private readonly uses: StreamSessions;
  private readonly sockets: WebSocketServer;
  private readonly messages: RateLimiter;
  private readonly refusals;

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(TokenVerifier) private readonly tokens: TokenVerifier,
    @Inject(storeToken(AUTH_NAMESPACE)) { sessions: store }: StoreBackend,
    @Inject(RateLimitStore) limits: RateLimitStore,
    @Inject(Queries) private readonly queries: Queries,
    @Inject(QueryWatch) private readonly watch: QueryWatch,
    @Inject(QueryRows) private readonly rows: QueryRows,
    @Inject(SessionWatch) private readonly sessions: SessionWatch,
    @Inject(ServiceLifecycle) private readonly lifecycle: ServiceLifecycle,
    @Inject(Metrics) metrics: Metrics,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(QueryApiConfig) { server, stream, tokens: { options } }: QueryApiConfig,
  ) {
    const settings = {
      noServer: true,
      maxPayload: server.bodyLimitBytes,
      clientTracking: false,
      closeTimeout: CLOSE_WITHIN_MS,
      handleProtocols: () => false as const,
    };
    this.sockets = new WebSocketServer(settings);
    this.places = new StreamPlaces(stream.maxConnections);
    this.address = new StreamAddress(server.trustProxy);
    this.uses = new StreamSessions(store, options.touchIntervalMs);
    const { messages: limit, windowMs } = stream;
    this.messages = new RateLimiter(limits, [{ name: 'messages', scope: 'session', limit, windowMs }]);
    const { places } = this;
    this.refusals = metrics.counter({
      name: 'mooring_stream_refusals_total',
      help: 'WebSocket connections that were refused, by the status of the answer.',
      labelNames: ['status'],
    });
    metrics
      .gauge({
        name: 'mooring_stream_connections_max',
        help: 'The most WebSocket connections of this process.',
      })
      .set(stream.maxConnections);
    metrics.gauge({
      name: 'mooring_stream_connections',
      help: 'Open WebSocket connections.',
      collect() {
        this.set(places.size);
      },
    });
  }

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      void this.upgrade(request, socket, head);
    });
    this.lifecycle.signal.addEventListener('abort', () => {
      for (const connection of this.connections) connection.windDown();
    });
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const [path] = (request.url ?? '').split('?');
    if (path !== STREAM_PATH) return this.refuse(socket, 404);
    if (this.lifecycle.draining) return this.refuse(socket, 503);
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const place = this.places.take(token === undefined ? this.address.of(request) : undefined);
    if (typeof place === 'string') return this.refuse(socket, place === 'full' ? 503 : 429);
    socket.on('close', () => place.release());
    const holder = token === undefined ? undefined : await this.holderOf(token, place);
    if (typeof holder === 'number') return this.refuse(socket, holder);
    if (this.lifecycle.draining) return this.refuse(socket, 503);
    this.open(request, socket, head, place, holder);
  }

  private refuse(socket: Duplex, status: Refusal): void {
    this.refusals.inc({ status: String(status) });
    refuse(socket, status);
  }

  private async holderOf(token: string, place: StreamPlace): Promise<TokenHolder | Refusal> {
    const verified = await this.tokens.verify(token).catch(() => undefined);
    if (verified === undefined) return 503;
    if (!verified.ok) return 401;
    return place.passTo(sessionKey(verified.value)) ? verified.value : 429;
  }

  private open(request: IncomingMessage, socket: Duplex, head: Buffer, place: StreamPlace, holder?: TokenHolder): void {
    const { tokens, uses, messages, queries, watch, rows, sessions, logger } = this;
    this.sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const parts = { tokens, uses, messages, queries, watch, rows, sessions, logger };
      const connection = new StreamConnection(webSocket, parts, place, holder);
      this.connections.add(connection);
      webSocket.on('close', () => this.connections.delete(connection));
    });
  }
}

function refuse(socket: Duplex, status: Refusal): void {
  const [reason, header] = REFUSALS[status];
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n${header}\r\n`);
}
