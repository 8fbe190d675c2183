import type { Clock, LeaseStore } from '@mooring/session-store';
import { HeldLease } from '@mooring/session-sweeper';
import type { TaskOutcome, TaskRun } from './task.ts';

export interface TaskLease {
  readonly leases: LeaseStore;
  /** That of the task. */
  readonly name: string;
  readonly ttlMs: number;
  readonly clock: Clock;
}

/** Works while this process holds the task's lease; `signal` of the work ends with it. @throws StoreError */
export async function underLease(
  lease: TaskLease,
  { signal, begun, ended }: Pick<TaskRun, 'signal' | 'begun' | 'ended'>,
  work: (signal: AbortSignal) => Promise<TaskOutcome>,
): Promise<TaskOutcome> {
  const acquired = await HeldLease.acquire(lease);
  if (!acquired.ok) return { ended: 'held', removed: 0, report: {} };
  try {
    await begun();
    if (signal.aborted) return { ended: 'aborted', removed: 0, report: {} };
    const outcome = await work(AbortSignal.any([signal, acquired.value.lost]));
    await ended(outcome);
    return outcome;
  } finally {
    await acquired.value.release();
  }
}
