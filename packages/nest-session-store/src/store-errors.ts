import type { StoreErrorCode } from '@mooring/session-store';

/**
 * What a service answers when its store fails, for its registry of problems, which defines `store_unavailable` and
 * `shutting_down`. Whatever a store could not do is no fault of the caller.
 */
export const STORE_ERRORS = {
  'StoreError.unavailable': 'store_unavailable',
  'StoreError.timeout': 'store_unavailable',
  'StoreError.throttled': 'store_unavailable',
  'StoreError.conflict': 'store_unavailable',
  'StoreError.misconfigured': 'store_unavailable',
  'StoreError.closed': 'shutting_down',
  'StoreError.corrupt': 'internal_error',
  'StoreError.too_large': 'internal_error',
  'StoreError.invalid_argument': 'internal_error',
} as const satisfies Record<`StoreError.${StoreErrorCode}`, string>;
