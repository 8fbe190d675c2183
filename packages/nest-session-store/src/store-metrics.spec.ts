import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreError, newSessionId } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { observedStore } from './observed-store.ts';
import type { StoreObserver } from './observed-store.ts';
import { storeMetrics } from './store-metrics.ts';
import type { MetricsRegistry, Traced } from './store-metrics.ts';

/** What was observed, as `name{label values}`, with the values of gauges. */
class RecordedMetrics implements MetricsRegistry {
  readonly lines: string[] = [];

  histogram({ name }: { name: string }) {
    return { observe: (labels: Record<string, string>) => this.note(name, labels) };
  }

  counter({ name }: { name: string }) {
    return { inc: (labels: Record<string, string>) => this.note(name, labels) };
  }

  gauge({ name, collect }: Parameters<MetricsRegistry['gauge']>[0]) {
    const gauge = { set: (labels: Record<string, string>, value: number) => this.note(name, labels, value) };
    collect?.call(gauge);
    return gauge;
  }

  private note(name: string, labels: Record<string, string>, ...value: number[]): void {
    this.lines.push([`${name}{${Object.values(labels).join()}}`, ...value].join(' '));
  }
}

const REF = { tenantId: 'acme', id: newSessionId({ tenantId: 'acme', subjectId: null }) };

describe('an observed store', () => {
  let metrics: RecordedMetrics;
  let observer: StoreObserver;
  let plain: StoreBackend;
  let store: StoreBackend;
  beforeEach(() => {
    metrics = new RecordedMetrics();
    observer = storeMetrics(metrics, 'auth');
    plain = createMemoryStore({ namespace: 'observed' });
    store = observedStore(plain, observer);
  });
  afterEach(() => plain.close());

  it('answers as the store does, and counts each operation by how it ended', async () => {
    const lease = await store.leases.acquire('sweep', 'a', 1000);
    expect(lease.ok).toBe(true);
    expect(await store.leases.acquire('sweep', 'b', 1000)).toEqual({ ok: false, reason: 'held' });
    expect(await store.sessions.get(REF)).toEqual(await plain.sessions.get(REF));
    await expect(store.leases.acquire('', 'c', 1000)).rejects.toBeInstanceOf(StoreError);
    expect((await store.ping()).latencyMs).toBeGreaterThanOrEqual(0);
    await store.limits.consume({ tenantId: 'acme', name: 'none' }, { limit: 0, windowMs: 1000 });
    await store.sweep({ target: 'sessions', limit: 1 });
    const name = 'mooring_store_operation_duration_seconds';
    expect(metrics.lines).toEqual([
      `${name}{auth,leases.acquire,ok}`,
      `${name}{auth,leases.acquire,refused}`,
      `${name}{auth,sessions.get,refused}`,
      `${name}{auth,leases.acquire,invalid_argument}`,
      `${name}{auth,ping,ok}`,
      `${name}{auth,limits.consume,refused}`,
      `${name}{auth,sweep,ok}`,
    ]);
  });

  it('is what the store is besides, and closes it', async () => {
    expect([store.name, store.capabilities]).toEqual([plain.name, plain.capabilities]);
    await store.close();
    await expect(store.ping()).rejects.toMatchObject({ code: 'closed' });
    expect(metrics.lines).toEqual(['mooring_store_operation_duration_seconds{auth,ping,closed}']);
  });

  it('is a span for each operation, by the names of OpenTelemetry', async () => {
    const spans: unknown[] = [];
    const traced: Traced = (name, details, work) => {
      spans.push([name, details]);
      return work();
    };
    const seen = storeMetrics(metrics, 'auth', traced);
    seen.opened?.({ backend: plain, connections: () => ({ open: 3, busy: 2, waiting: 1, most: 5 }) });
    await observedStore(plain, seen).sessions.get(REF);
    const attributes = {
      'db.system.name': 'memory',
      'db.operation.name': 'sessions.get',
      'mooring.store.name': 'auth',
    };
    expect(spans).toEqual([['store sessions.get', { kind: 'client', attributes }]]);
    expect(metrics.lines.filter((line) => line.includes('connections'))).toEqual([
      'mooring_store_connections_busy{auth} 2',
      'mooring_store_connections_waiting{auth} 1',
      'mooring_store_connections_max{auth} 5',
    ]);
  });
});
