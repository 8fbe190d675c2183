import type { AuditEvent, AuditSink } from '@mooring/engine';
import type { Logger, Metrics } from '@mooring/nest-runtime';

/** Beside what keeps the events: a line of the log for each, with the message `Audit`, and a count. */
export function auditTrail(kept: AuditSink, logger: Logger, metrics: Metrics): AuditSink {
  const events = metrics.counter({
    name: 'mooring_engine_audit_events_total',
    help: 'Statements that were audited, by how they ended.',
    labelNames: ['outcome'],
  });
  return {
    record: (event: AuditEvent) => {
      events.inc({ outcome: event.outcome });
      logger[event.outcome === 'denied' ? 'warn' : 'info']({ audit: { ...event } }, 'Audit');
      return kept.record(event);
    },
    recent: (tenantId, limit) => kept.recent(tenantId, limit),
  };
}
