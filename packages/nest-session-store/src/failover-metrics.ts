import type { FailoverObserver } from '@mooring/store-failover';

interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
}

/** The part of a metrics registry that is used; `Metrics` of `@mooring/nest-runtime` fits. */
export interface MetricsRegistry {
  gauge(definition: MetricDefinition): { set(labels: Record<string, string>, value: number): void };
  counter(definition: MetricDefinition): { inc(labels: Record<string, string>): void };
}

/** An observer that keeps `mooring_store_degraded` and `mooring_store_copies_total`, by the name of the store. */
export function failoverMetrics(metrics: MetricsRegistry, store: string): FailoverObserver {
  const degraded = metrics.gauge({
    name: 'mooring_store_degraded',
    help: '1 while a store does without its copies in Redis.',
    labelNames: ['store'],
  });
  const copies = metrics.counter({
    name: 'mooring_store_copies_total',
    help: 'What became of looks for a copy of a session: hit, miss, bypass, failure; and of the copies themselves.',
    labelNames: ['store', 'event'],
  });
  return {
    onEvent: (event) => copies.inc({ store, event }),
    onStateChange: ({ mode }) => degraded.set({ store }, mode === 'degraded' ? 1 : 0),
  };
}
