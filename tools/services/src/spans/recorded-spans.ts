import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** Everything that was traced in this process since `recordSpans`, without a collector. */
export interface RecordedSpans {
  /** Those that ended. */
  all(): readonly ReadableSpan[];
  /**
   * The spans of each trace whose root has this name, a line each, indented under what they are part of and in the order
   * in which they began. Without a root of that name, empty.
   */
  trees(root: string): readonly string[];
  reset(): void;
  stop(): Promise<void>;
}

/** Registers an OpenTelemetry SDK for this process. One at a time: stop it before the next. */
export async function recordSpans(): Promise<RecordedSpans> {
  const { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } =
    await import('@opentelemetry/sdk-trace-node');
  const { context, propagation, trace } = await import('@opentelemetry/api');
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  const all = (): ReadableSpan[] => exporter.getFinishedSpans();
  return {
    all,
    trees: (root) =>
      all()
        .filter(
          ({ name, parentSpanContext: parent }) => name === root && (parent === undefined || parent.isRemote === true),
        )
        .map((span) => linesOf(span, all(), '').join('\n')),
    reset: () => exporter.reset(),
    stop: async () => {
      await provider.shutdown();
      for (const api of [trace, context, propagation]) api.disable();
    },
  };
}

function linesOf(span: ReadableSpan, all: readonly ReadableSpan[], indent: string): string[] {
  const { spanId, traceId } = span.spanContext();
  const parts = all
    .filter((one) => one.parentSpanContext?.spanId === spanId && one.spanContext().traceId === traceId)
    .sort((a, b) => nanos(a) - nanos(b));
  return [indent + span.name, ...parts.flatMap((part) => linesOf(part, all, `${indent}  `))];
}

function nanos({ startTime: [seconds, rest] }: ReadableSpan): number {
  return seconds * 1e9 + rest;
}
