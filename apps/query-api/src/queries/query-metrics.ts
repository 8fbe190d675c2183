import { beginSpan } from '@mooring/nest-runtime';
import type { Metrics, RunningSpan } from '@mooring/nest-runtime';
import type { QueryRecord } from './query-record.ts';

/** One query of this process, from its submission on. */
export interface WatchedQuery {
  /** What begins in here is part of the query. */
  readonly within: RunningSpan['within'];
  end(record: Pick<QueryRecord, 'status' | 'failure'>): void;
  /** It was turned away before it ran. */
  refused(): void;
}

/** Queries as measurements and spans. The SQL is in neither. */
export class QueryMetrics {
  private readonly durations;

  constructor(metrics: Metrics, running: () => number) {
    this.durations = metrics.histogram({
      name: 'mooring_query_duration_seconds',
      help: 'Time from the submission of a query to its end, with the wait for a session. status: how it ended.',
      labelNames: ['status'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
    });
    metrics.gauge({
      name: 'mooring_queries_running',
      help: 'Queries that this process runs, those that wait for a session too.',
      collect() {
        this.set(running());
      },
    });
  }

  begin(id: string, tenantId: string): WatchedQuery {
    const took = this.durations.startTimer();
    const span = beginSpan('query', { attributes: { 'mooring.query.id': id, 'mooring.tenant.id': tenantId } });
    return {
      within: (work) => span.within(work),
      end: ({ status, failure }) => {
        took({ status });
        span.end(status === 'finished' ? undefined : (failure?.code ?? status));
      },
      refused: () => {
        took({ status: 'refused' });
        span.end('refused');
      },
    };
  }
}
