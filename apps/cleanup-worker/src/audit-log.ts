import type { Principal } from '@mooring/auth-tokens';
import type { Logger } from '@mooring/nest-runtime';
import type { StoredRun } from '@mooring/session-sweeper';

/** What lines of the worker have besides what those of every service have. */
export const LOGGED_FIELDS = ['audit', 'task', 'run'];

/** A line of the log, with the message `Audit`, for each run that ended and each that somebody asked for. */
export class AuditLog {
  constructor(private readonly logger: Logger) {}

  requested(task: string, dryRun: boolean, { tenantId, subjectId }: Principal): void {
    this.logger.info({ audit: { type: 'task_requested', task, dryRun, by: subjectId, byTenantId: tenantId } }, 'Audit');
  }

  ended({ id, record }: StoredRun): void {
    const { task, trigger, dryRun, status, attempt, startedAt, endedAt, removed, report, failure } = record;
    const durationMs = endedAt === null ? null : endedAt - startedAt;
    const line = { type: 'task_ended', task, run: id, trigger, dryRun, status, attempt, durationMs, removed };
    const failed = failure === null ? {} : { failure };
    this.logger[status === 'failed' ? 'error' : 'info']({ audit: { ...line, ...failed, report } }, 'Audit');
  }
}
