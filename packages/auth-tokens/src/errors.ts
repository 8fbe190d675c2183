/** The options can't be used. Says which one, and what it takes. */
export class AuthTokenError extends Error {
  override readonly name = 'AuthTokenError';
  readonly code = 'invalid_options';
  readonly retryable = false;
}
