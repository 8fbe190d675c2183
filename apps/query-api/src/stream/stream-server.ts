import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { TokenVerifier } from '@mooring/nest-access';
import { Logger, Metrics, ServiceLifecycle } from '@mooring/nest-runtime';
import { RateLimitStore } from '@mooring/session-store';
import { RateLimiter } from '@mooring/usage-limits';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { QueryApiConfig } from '../config.ts';
import { Queries } from '../queries/queries.ts';
import { QueryWatch } from '../queries/query-watch.ts';
import { SessionWatch } from '../queries/session-watch.ts';
import { StreamConnection } from './stream-connection.ts';
import { CLOSE } from './stream-messages.ts';

export const STREAM_PATH = '/v1/stream';

/** Statements over a WebSocket: how they go, and their rows as they are read. */
@Injectable()
export class StreamServer implements OnApplicationBootstrap {
  private readonly connections = new Set<StreamConnection>();
  private readonly sockets: WebSocketServer;
  private readonly messages: RateLimiter;

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(TokenVerifier) private readonly tokens: TokenVerifier,
    @Inject(RateLimitStore) limits: RateLimitStore,
    @Inject(Queries) private readonly queries: Queries,
    @Inject(QueryWatch) private readonly watch: QueryWatch,
    @Inject(SessionWatch) private readonly sessions: SessionWatch,
    @Inject(ServiceLifecycle) private readonly lifecycle: ServiceLifecycle,
    @Inject(Metrics) metrics: Metrics,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(QueryApiConfig) private readonly config: QueryApiConfig,
  ) {
    const { server, stream } = config;
    this.sockets = new WebSocketServer({ noServer: true, maxPayload: server.bodyLimitBytes, clientTracking: false });
    const { messages: limit, windowMs } = stream;
    this.messages = new RateLimiter(limits, [{ name: 'messages', scope: 'session', limit, windowMs }]);
    const { connections } = this;
    metrics.gauge({
      name: 'mooring_stream_connections',
      help: 'Open WebSocket connections.',
      collect() {
        this.set(connections.size);
      },
    });
  }

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.upgrade(request, socket, head),
    );
    this.lifecycle.signal.addEventListener('abort', () => {
      for (const connection of this.connections) connection.close(CLOSE.goingAway, 'this process is shutting down');
    });
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [path] = (request.url ?? '').split('?');
    if (path !== STREAM_PATH) return refuse(socket, 404, 'Not Found');
    if (this.lifecycle.draining) return refuse(socket, 503, 'Service Unavailable');
    if (this.connections.size >= this.config.stream.maxConnections) return refuse(socket, 503, 'Service Unavailable');
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    this.sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { tokens, messages, queries, watch, sessions, logger } = this;
      const parts = { tokens, messages, queries, watch, sessions, logger };
      const connection = new StreamConnection(webSocket, parts, token);
      this.connections.add(connection);
      webSocket.on('close', () => this.connections.delete(connection));
    });
  }
}

function refuse(socket: Duplex, status: number, reason: string): void {
  const retryAfter = status === 503 ? 'Retry-After: 5\r\n' : '';
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n${retryAfter}\r\n`);
}
