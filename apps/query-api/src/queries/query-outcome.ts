import { ProblemError } from '@mooring/nest-runtime';
import type { StoredQuery } from './query-records.ts';

/** Throws what a query that did not finish deserves. */
export function assertFinished({ id, record }: StoredQuery): void {
  const about = { members: { queryId: id }, headers: { location: `/v1/queries/${id}` } };
  switch (record.status) {
    case 'finished':
      return;
    case 'failed': {
      const { code, message } = record.failure ?? { code: 'internal_error', message: 'The query failed.' };
      throw new ProblemError(code, message, about);
    }
    case 'cancelled':
      throw new ProblemError('statement_cancelled', record.failure?.message ?? 'The query was cancelled.', about);
    case 'timed_out':
      throw new ProblemError(
        'statement_timeout',
        `The statement did not end within ${record.timeoutMs / 1000} s and was cancelled.`,
        about,
      );
    default:
      throw new ProblemError('query_not_finished', 'The query is still running; wait for it first.', about);
  }
}
