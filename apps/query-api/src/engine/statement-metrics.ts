import type { StatementObserver } from '@mooring/engine';
import { beginSpan } from '@mooring/nest-runtime';
import type { Metrics } from '@mooring/nest-runtime';

/** Each statement of the engine as a measurement and a span, by its kind. Its text is in neither. */
export function statementMetrics(metrics: Metrics): StatementObserver {
  const durations = metrics.histogram({
    name: 'mooring_engine_statement_duration_seconds',
    help: 'Time of a statement until its result was read or given up. outcome: done, or the code of the failure.',
    labelNames: ['kind', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 300],
  });
  return {
    begin: ({ kind, tenantId, queryId }) => {
      const took = durations.startTimer({ kind });
      const attributes = { 'db.operation.name': kind, 'mooring.query.id': queryId, 'mooring.tenant.id': tenantId };
      const span = beginSpan(`sql ${kind}`, { attributes });
      return {
        within: (work) => span.within(work),
        end: (failure) => {
          took({ outcome: failure ?? 'done' });
          span.end(failure);
        },
      };
    },
  };
}
