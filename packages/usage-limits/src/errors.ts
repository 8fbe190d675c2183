/** A policy or an amount can't be used. Says which one, and what it takes. */
export class UsageLimitError extends Error {
  override readonly name = 'UsageLimitError';
  readonly code = 'invalid_argument';
  readonly retryable = false;
}

export function wholeNumber(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new UsageLimitError(`${name} must be a whole number from ${least} to ${most}`);
  }
}
