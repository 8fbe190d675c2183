import type { INestApplication } from '@nestjs/common';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { describeError } from '../logging/describe-error.ts';
import type { Logger } from '../logging/logger.ts';
import type { ServiceLifecycle } from './service-lifecycle.ts';

export interface ShutdownOptions {
  /** Go on accepting for so long after the signal, while load balancers learn of it. Default 0. */
  readonly drainDelayMs?: number;
  /**
   * How long requests under way, and the work that `ServiceLifecycle` holds, may take to finish. Then connections are cut
   * and the work is left to the hooks. Default 25 000.
   */
  readonly deadlineMs?: number;
  /** How long the shutdown hooks of providers may take. Default 10 000. */
  readonly hooksDeadlineMs?: number;
}

export interface ShutdownReport {
  /** Every request under way was answered and every hook ended in time. */
  readonly clean: boolean;
}

/** All connections of a server, with those that were upgraded: the server itself cuts only those that speak HTTP. */
export class OpenSockets {
  private readonly sockets = new Set<Socket>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

/**
 * Readiness goes down, the port closes, requests and work under way finish, then the providers' hooks run: what they
 * need is closed after the last of them.
 */
export async function shutDown(
  app: INestApplication,
  lifecycle: ServiceLifecycle,
  logger: Logger,
  sockets: OpenSockets,
  { drainDelayMs = 0, deadlineMs = 25_000, hooksDeadlineMs = 10_000 }: ShutdownOptions,
): Promise<ShutdownReport> {
  lifecycle.beginDrain();
  if (drainDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, drainDelayMs));
  const startedAt = performance.now();
  const drained = await within(deadlineMs, drain(app.getHttpServer() as Server));
  if (!drained) {
    logger.warn({ deadlineMs }, 'Connections were still in use at the shutdown deadline and were cut');
    sockets.cut();
  }
  const leftMs = Math.max(0, deadlineMs - (performance.now() - startedAt));
  if (!(await within(leftMs, lifecycle.idle()))) {
    logger.warn({ deadlineMs }, 'Work still went on at the shutdown deadline and was left');
  }
  const closed = await within(
    hooksDeadlineMs,
    app.close().catch((error: unknown) => {
      logger.error({ error: describeError(error) }, 'Shutdown failed');
      throw error;
    }),
  ).catch(() => false);
  if (!closed) logger.error({ hooksDeadlineMs }, 'Shutdown hooks did not end well');
  return { clean: drained && closed };
}

/** Ends when the last connection has. */
async function drain(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

async function within(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([work.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
