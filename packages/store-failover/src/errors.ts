import { StoreError } from '@mooring/session-store';

export const BACKEND = 'failover';

export function misconfigured(message: string): StoreError {
  return new StoreError({ code: 'misconfigured', message, backend: BACKEND, operation: 'create' });
}

/** The authority may have the change, and a copy of what was before may still be believed. */
export function notForgotten(operation: string, cause: unknown): StoreError {
  return new StoreError({
    code: 'unavailable',
    message: 'the copies of what was changed could not be called back; repeat the call, which calls them back again',
    backend: BACKEND,
    operation,
    outcome: 'unknown',
    retryable: true,
    cause,
  });
}

export function contended(): StoreError {
  return new StoreError({
    code: 'conflict',
    message: 'other processes kept beginning new epochs; check that all of them use one Redis',
    backend: BACKEND,
    operation: 'epoch',
    outcome: 'unknown',
  });
}
