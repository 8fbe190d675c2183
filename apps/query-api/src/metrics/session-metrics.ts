import { TenantNames } from '@mooring/nest-runtime';
import type { Metrics } from '@mooring/nest-runtime';
import type { WarehouseObserver } from '@mooring/redshift-sessions';

/** Session reuse as Prometheus metrics, with a label for the first `tenants` that run statements. */
export function sessionMetrics(metrics: Metrics, tenants: number): WarehouseObserver {
  const names = new TenantNames(tenants);
  const labelNames = tenants === 0 ? [] : ['tenant'];
  const labelsOf = (tenant: string) => (tenants === 0 ? {} : { tenant: names.of(tenant) });
  const counter = (name: string, help: string) => {
    const counted = metrics.counter({ name: `mooring_warehouse_${name}_total`, help, labelNames });
    return (tenant: string) => counted.inc(labelsOf(tenant));
  };
  const seconds = (name: string, help: string) => {
    const observed = metrics.histogram({
      name: `mooring_warehouse_${name}_seconds`,
      help,
      labelNames,
      buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    });
    return (tenant: string, ms: number) => observed.observe(labelsOf(tenant), ms / 1000);
  };
  return {
    sessionHit: counter('session_hits', 'Statements that ran on a session that was open already.'),
    sessionMiss: counter('session_misses', 'Statements that opened a session, or ran without one.'),
    sessionCreated: counter('sessions_created', 'Sessions opened.'),
    sessionExpired: counter('sessions_expired', 'Sessions found closed, or too old to be used again.'),
    sessionWaited: seconds('session_wait', 'How long statements waited for a session.'),
    sessionHeld: seconds('session_hold', 'How long statements held a session.'),
  };
}
