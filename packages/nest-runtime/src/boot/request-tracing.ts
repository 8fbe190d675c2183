import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { keepScope, traceOf, withinRequest } from '../logging/request-scope.ts';
import type { RequestScope } from '../logging/request-scope.ts';
import { tracer } from '../tracing/span.ts';

interface UnderWay {
  readonly scope: RequestScope;
  readonly context: Context;
}

/** The parts of a W3C `traceparent`, version 00, and what later versions begin with. */
const TRACE_PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;

/**
 * Makes a request what is under way for everything that it begins: its spans are in its trace, which the caller's
 * `traceparent` may have begun, and, where requests are followed, its lines of the log have its id. A span that an instrumentation of Node's HTTP made already is
 * taken for the request's, and named. Spans have the template of the route and no path, which may hold a secret.
 */
export class RequestTracing {
  constructor(
    private readonly isQuiet: (route: string) => boolean,
    private readonly follows: boolean,
  ) {}

  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, reply, done) => {
      const underWay = this.begin(request, reply);
      keepScope(request, underWay.scope);
      this.within(underWay, done);
    });
  }

  private within(underWay: UnderWay, work: () => void): void {
    context.with(underWay.context, this.follows ? () => withinRequest(underWay.scope, work) : work);
  }

  private begin(request: FastifyRequest, reply: FastifyReply): UnderWay {
    const route = request.is404 ? undefined : request.routeOptions.url;
    const outer = trace.getActiveSpan();
    const callers = propagation.extract(context.active(), request.headers);
    if (this.isQuiet(route ?? '')) return { scope: scopeOf(request, callers), context: context.active() };
    const span = outer ?? startSpan(request, callers);
    const name = route === undefined ? request.method : `${request.method} ${route}`;
    span.updateName(name);
    if (route !== undefined) span.setAttribute('http.route', route);
    if (outer === undefined) reply.raw.once('close', () => endSpan(span, reply));
    const inside = trace.setSpan(callers, span);
    return { scope: scopeOf(request, inside), context: inside };
  }
}

function startSpan(request: FastifyRequest, callers: Context): Span {
  const attributes = { 'http.request.method': request.method, 'url.scheme': request.protocol };
  return tracer.startSpan(request.method, { kind: SpanKind.SERVER, attributes }, callers);
}

function endSpan(span: Span, reply: FastifyReply): void {
  const { statusCode } = reply;
  if (!reply.raw.writableFinished) span.setAttribute('error.type', 'client_went_away');
  else span.setAttribute('http.response.status_code', statusCode);
  if (statusCode >= 500) {
    span.setAttribute('error.type', String(statusCode));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

/** The id of the caller's trace is logged also where no SDK carries it on. */
function scopeOf(request: FastifyRequest, inside: Context): RequestScope {
  const { traceparent } = request.headers;
  const given = typeof traceparent === 'string' ? TRACE_PARENT.exec(traceparent)?.[1] : undefined;
  return { requestId: request.id, ...(given === undefined ? {} : { traceId: given }), ...traceOf(inside) };
}
