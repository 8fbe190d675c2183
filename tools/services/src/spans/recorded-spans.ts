import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** Everything that was traced in this process since `recordSpans`, without a collector. */
export interface RecordedSpans {
  /** Those that ended. */
  all(): readonly ReadableSpan[];
  /**
   * For each span of this name that is the first of its process in its trace: the names of what is part of it, a line each,
   * indented. Parts that are alike stand there once, in the order of their names, since how often and in which order
   * something happens is a matter of speed.
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
    .map((part) => linesOf(part, all, `${indent}  `).join('\n'));
  return [indent + span.name, ...[...new Set(parts)].sort()];
}
