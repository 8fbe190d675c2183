/** The options ask for a store that there is not, or that can't be used as asked. */
export class StoreSelectionError extends Error {
  override readonly name = 'StoreSelectionError';
  readonly code = 'invalid_store_selection';
  readonly retryable = false;
}
