import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../logging/logger.ts';
import { requestScope } from '../logging/request-scope.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ServiceLifecycle } from './service-lifecycle.ts';

/** Probes and scrapes: counted, but logged at `debug` only, and never traced. */
export function isQuiet(route: string): boolean {
  return /^\/(health|metrics)(\/|$)/.test(route);
}

/** The status that nginx gave to a request whose client went away before the answer. */
const CLIENT_WENT_AWAY = 499;

/**
 * One line and one measurement for each request. Lines hold what is listed here and nothing else: no path, query,
 * header or body, since any of these may hold a secret.
 */
export function observeRequests(fastify: FastifyInstance, metrics: Metrics, logger: Logger): void {
  const durations = metrics.histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer, by route template.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  });
  const inFlight = metrics.gauge({ name: 'http_requests_in_flight', help: 'Requests that have no answer yet.' });
  const measured = new WeakSet<FastifyRequest>();
  const observe = (request: FastifyRequest, reply: FastifyReply): void => {
    if (!measured.delete(request)) return;
    inFlight.dec();
    const status = statusOf(reply);
    const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
    durations.observe({ method: request.method, route, status: String(status) }, reply.elapsedTime / 1000);
    const level = isQuiet(route) ? 'debug' : 'info';
    const durationMs = Math.round(reply.elapsedTime * 10) / 10;
    logger[level]({ ...requestScope(request), method: request.method, route, status, durationMs }, 'Request');
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    inFlight.inc();
    measured.add(request);
    // Of a client that went away there is no end of an answer, only the end of its connection.
    reply.raw.once('close', () => observe(request, reply));
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    observe(request, reply);
    done();
  });
}

function statusOf(reply: FastifyReply): number {
  return reply.raw.writableFinished ? reply.statusCode : CLIENT_WENT_AWAY;
}

/** Tells every request its id, and, once the service drains, that its connection ends with the answer. */
export function answerHeaders(fastify: FastifyInstance, lifecycle: ServiceLifecycle): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (lifecycle.draining) reply.header('connection', 'close');
    done();
  });
}
