import { AsyncLocalStorage } from 'node:async_hooks';
import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';

/** What every line of the log says of the request that it belongs to. */
export interface RequestScope {
  readonly requestId: string;
  readonly traceId?: string;
}

const scopes = new AsyncLocalStorage<RequestScope>();

/** What begins in here is of the request, and so are the lines that it logs. */
export function withinRequest<T>(scope: RequestScope, work: () => T): T {
  return scopes.run(scope, work);
}

/** Of the request under way, if one is; else of the trace, such as of a sweep. */
export function currentScope(): Partial<RequestScope> {
  return scopes.getStore() ?? traceOf(context.active());
}

export function traceOf(inside: Context): Pick<Partial<RequestScope>, 'traceId'> {
  const span = trace.getSpanContext(inside);
  return span !== undefined && isSpanContextValid(span) ? { traceId: span.traceId } : {};
}
