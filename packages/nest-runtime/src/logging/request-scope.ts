import { AsyncLocalStorage } from 'node:async_hooks';
import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';

/** What every line of the log says of the request that it belongs to. */
export interface RequestScope {
  readonly requestId: string;
  readonly traceId?: string;
}

const followed = new AsyncLocalStorage<RequestScope>();
const known = new WeakMap<object, RequestScope>();

/** The fields by which a line says which request it is of. A service whose requests are not followed adds them to its lines. */
export function requestScope(request: object): Partial<RequestScope> {
  return known.get(request) ?? {};
}

export function keepScope(request: object, scope: RequestScope): void {
  known.set(request, scope);
}

/** What begins in here is of the request, and so are the lines that it logs. */
export function withinRequest<T>(scope: RequestScope, work: () => T): T {
  return followed.run(scope, work);
}

/** Of the request under way, if one is followed; else of the trace, such as of a sweep. */
export function currentScope(): Partial<RequestScope> {
  return followed.getStore() ?? traceOf(context.active());
}

export function traceOf(inside: Context): Pick<Partial<RequestScope>, 'traceId'> {
  const span = trace.getSpanContext(inside);
  return span !== undefined && isSpanContextValid(span) ? { traceId: span.traceId } : {};
}
