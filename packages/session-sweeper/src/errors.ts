/** An option can't be used. Says which one, and what it takes. */
export class SweeperError extends Error {
  override readonly name = 'SweeperError';
  readonly code = 'invalid_argument';
  readonly retryable = false;
}
