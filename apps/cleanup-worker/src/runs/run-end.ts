import type { EpochMs } from '@mooring/session-store';
import type { RunRecord } from '@mooring/session-sweeper';
import type { TaskOutcome } from '../tasks/task.ts';

/** The record of a run as its outcome leaves it. */
export function endedWith(record: RunRecord, outcome: TaskOutcome, now: EpochMs): RunRecord {
  const { ended, removed, report, failure = null } = outcome;
  const status = ended === 'held' ? 'skipped' : ended;
  return { ...record, status, removed, report, failure, progress: null, updatedAt: now, endedAt: now };
}
