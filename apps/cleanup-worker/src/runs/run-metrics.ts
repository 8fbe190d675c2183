import type { Metrics } from '@mooring/nest-runtime';
import { hasRunSucceeded } from '@mooring/session-sweeper';
import type { RunEnd, RunRecord } from '@mooring/session-sweeper';

const OUTCOMES: readonly (Exclude<RunEnd, 'held'> | 'skipped' | 'killed')[] = [
  'done',
  'incomplete',
  'failed',
  'aborted',
  'skipped',
  'killed',
];

/** Runs of tasks: those of this process, and of the others as far as it saw their records. */
export class RunMetrics {
  private readonly runs;
  private readonly duration;
  private readonly lastSuccess;

  /** `tasks`: the names of those that this process may run. */
  constructor(metrics: Metrics, tasks: readonly string[]) {
    this.runs = metrics.counter({
      name: 'mooring_task_runs_total',
      help: 'Runs of a task in this process, by how they ended.',
      labelNames: ['task', 'outcome'],
    });
    // From the start: to Prometheus, what begins with 1 has not increased, and the first failure would raise no alert.
    for (const task of tasks) for (const outcome of OUTCOMES) this.runs.inc({ task, outcome }, 0);
    this.duration = metrics.histogram({
      name: 'mooring_task_duration_seconds',
      help: 'How long runs of a task took in this process.',
      labelNames: ['task'],
      buckets: [0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600],
    });
    this.lastSuccess = metrics.gauge({
      name: 'mooring_task_last_success_timestamp_seconds',
      help: 'When a run of the task last ended well, in any process.',
      labelNames: ['task'],
    });
  }

  ended(record: RunRecord): void {
    const { task, status, startedAt, endedAt } = record;
    this.runs.inc({ task, outcome: status });
    if (endedAt !== null) this.duration.observe({ task }, Math.max(0, endedAt - startedAt) / 1000);
    this.seen(record);
  }

  /** A run of any process. */
  seen(record: RunRecord): void {
    const { task, endedAt } = record;
    if (endedAt !== null && hasRunSucceeded(record)) this.lastSuccess.set({ task }, endedAt / 1000);
  }
}
