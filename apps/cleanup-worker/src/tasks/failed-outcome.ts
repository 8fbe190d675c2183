import { EngineError } from '@mooring/engine';
import { DataApiError } from '@mooring/redshift-sessions';
import { StoreError } from '@mooring/session-store';
import type { RunFailure } from '@mooring/session-sweeper';
import type { TaskOutcome } from './task.ts';

/** What a task that failed ends as. An error that is no failure of a store or of a service is thrown on. */
export function failedOutcome(error: unknown): TaskOutcome {
  return { ended: 'failed', removed: 0, report: {}, failure: failureOf(error) };
}

function failureOf(error: unknown): RunFailure {
  if (error instanceof DataApiError) {
    const message = `The warehouse's ListSessions or ExecuteStatement failed: ${error.failure}.`;
    return { code: error.failure, message };
  }
  if (!(error instanceof StoreError) && !(error instanceof EngineError)) throw error;
  const { code, message } = error;
  return { code, message };
}
