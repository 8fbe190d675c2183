import { StoreError } from '@mooring/session-store';
import type { FailoverObserver } from '@mooring/store-failover';
import type { StoreObserver } from './observed-store.ts';
import type { OpenedStore } from './open-store.ts';

interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
}

interface Gauge {
  set(labels: Record<string, string>, value: number): void;
}

/** The part of a metrics registry that is used; `Metrics` of `@mooring/nest-runtime` fits. */
export interface MetricsRegistry {
  gauge(definition: MetricDefinition & { readonly collect?: (this: Gauge) => void }): Gauge;
  counter(definition: MetricDefinition): { inc(labels: Record<string, string>): void };
  histogram(definition: MetricDefinition & { readonly buckets: number[] }): {
    observe(labels: Record<string, string>, value: number): void;
  };
}

/** Runs the work as a span of a trace; `traced` of `@mooring/nest-runtime` fits. */
export type Traced = <T>(
  name: string,
  details: { readonly kind: 'client'; readonly attributes: Record<string, string> },
  work: () => Promise<T>,
) => Promise<T>;

/** The names that OpenTelemetry has for what a store is on. A store with copies is known by the one that decides. */
const SYSTEMS: Readonly<Record<string, string>> = {
  postgres: 'postgresql',
  'postgres+redis': 'postgresql',
  redis: 'redis',
  sqlite: 'sqlite',
  dynamodb: 'aws.dynamodb',
};

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/**
 * An observer of the store `store` for `observer` of the options: it times and counts its operations, shows how its
 * connections are used and whether its copies are, and makes each operation a span where there is something to trace with.
 */
export function storeMetrics(metrics: MetricsRegistry, store: string, traced?: Traced): StoreObserver {
  const durations = metrics.histogram({
    name: 'mooring_store_operation_duration_seconds',
    help: 'Time of an operation of a store. outcome: ok, refused (an expected no), or the code of the failure.',
    labelNames: ['store', 'operation', 'outcome'],
    buckets: SECONDS,
  });
  let system = '';
  const within: Traced = traced ?? ((_name, _details, work) => work());
  return {
    operation: async (operation, run) => {
      const startedAt = performance.now();
      const attributes = { 'db.system.name': system, 'db.operation.name': operation, 'mooring.store.name': store };
      let outcome = 'unexpected';
      try {
        const answer = await within(`store ${operation}`, { kind: 'client', attributes }, run);
        outcome = isRefusal(answer) ? 'refused' : 'ok';
        return answer;
      } catch (error) {
        if (error instanceof StoreError) outcome = error.code;
        throw error;
      } finally {
        durations.observe({ store, operation, outcome }, (performance.now() - startedAt) / 1000);
      }
    },
    opened: (opened) => {
      const { name } = opened.backend;
      system = SYSTEMS[name] ?? name;
      showConnections(metrics, store, opened);
    },
    failover: failoverMetrics(metrics, store),
  };
}

/** `ok` of results, `allowed` of limits and attempts. */
function isRefusal(answer: unknown): boolean {
  const { ok, allowed } = (answer ?? {}) as { readonly ok?: boolean; readonly allowed?: boolean };
  return ok === false || allowed === false;
}

function showConnections(metrics: MetricsRegistry, store: string, { connections }: OpenedStore): void {
  if (connections === undefined) return;
  const gauge = (name: string, help: string, member: 'busy' | 'waiting' | 'most'): void => {
    metrics.gauge({
      name: `mooring_store_connections_${name}`,
      help,
      labelNames: ['store'],
      collect() {
        this.set({ store }, connections()[member]);
      },
    });
  };
  gauge('busy', 'Connections to the database that are in use.', 'busy');
  gauge('waiting', 'Operations that wait for a connection to the database.', 'waiting');
  gauge('max', 'The most connections to the database that this process opens for the store.', 'most');
}

function failoverMetrics(metrics: MetricsRegistry, store: string): FailoverObserver {
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
