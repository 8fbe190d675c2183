import { StoreError } from '@mooring/session-store';

export const BACKEND = 'memory';

export function misconfigured(message: string): StoreError {
  return new StoreError({ code: 'misconfigured', backend: BACKEND, operation: 'open', message });
}

export function closed(operation: string): StoreError {
  return new StoreError({ code: 'closed', backend: BACKEND, operation, message: 'the store was closed' });
}
