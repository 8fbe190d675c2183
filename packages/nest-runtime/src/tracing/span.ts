import { SpanKind, SpanStatusCode, context, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { isError } from '../logging/is-error.ts';

/** Spans go to whatever SDK the process has registered; without one they cost next to nothing and go nowhere. */
export const tracer = trace.getTracer('mooring');

export interface SpanDetails {
  /** `client` of a call to something outside of the process. Default `internal`. */
  readonly kind?: 'client' | 'internal';
  /** By OpenTelemetry's semantic conventions where those have a name. No statement text, no token, no value of a caller. */
  readonly attributes?: Attributes;
}

/** Something under way, part of what was under way when it began. */
export interface RunningSpan {
  /** What begins in here is part of it. */
  within<T>(work: () => T): T;
  note(attributes: Attributes): void;
  /** `failure` is the code of an error, never its message. Once. */
  end(failure?: string): void;
}

/** Without an SDK. */
const UNTRACED: RunningSpan = { within: (work) => work(), note: () => {}, end: () => {} };

const KINDS = { client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

export function beginSpan(name: string, { kind = 'internal', attributes = {} }: SpanDetails = {}): RunningSpan {
  const span = tracer.startSpan(name, { kind: KINDS[kind], attributes });
  if (!isSpanContextValid(span.spanContext())) return UNTRACED;
  const inside = trace.setSpan(context.active(), span);
  return {
    within: (work) => context.with(inside, work),
    note: (more) => void span.setAttributes(more),
    end: (failure) => {
      if (failure !== undefined) {
        span.setAttribute('error.type', failure);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}

/** Runs the work as a span. Of its error the span has the code, or the name of its class. */
export function traced<T>(name: string, details: SpanDetails, work: () => Promise<T>): Promise<T> {
  const span = beginSpan(name, details);
  return span === UNTRACED ? work() : through(span, work);
}

async function through<T>(span: RunningSpan, work: () => Promise<T>): Promise<T> {
  try {
    const answer = await span.within(work);
    span.end();
    return answer;
  } catch (error) {
    span.end(failureOf(error));
    throw error;
  }
}

function failureOf(error: unknown): string {
  if (!isError(error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
