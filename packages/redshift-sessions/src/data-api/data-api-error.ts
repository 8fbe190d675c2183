/** What an answer of the Data API means for the caller, told apart once, here. */
export type DataApiFailure =
  | 'throttled'
  | 'session_not_available'
  | 'session_unknown'
  | 'sessions_exceeded'
  | 'statements_exceeded'
  | 'waiters_exceeded'
  | 'statement_unknown'
  | 'no_result'
  | 'already_ended'
  | 'denied'
  | 'invalid'
  | 'unreachable'
  | 'unknown_outcome';

/** A failed call. `unknown_outcome`: it may have been accepted. All others: it was not. */
export class DataApiError extends Error {
  override readonly name = 'DataApiError';

  constructor(
    readonly failure: DataApiFailure,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

interface ErrorShape {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly errors?: readonly ErrorShape[];
}

const THROTTLES: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'SlowDown',
]);
const DENIED: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'ExpiredTokenException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'IncompleteSignature',
  'CredentialsProviderError',
]);
/** Errors of the socket from before the request could be sent. */
const UNSENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** AWS repeats what broke a constraint, which may be a statement or a parameter: `Value '…' at 'sql' failed to satisfy …`. */
const REPEATED_VALUE = /\bValue '[^]*?' at(?= '\w+' failed)/g;

/**
 * Names first, texts only where the service has one name for several things: a busy and a closed session answer the
 * same ValidationException, and a throttled dependency hides in one too.
 */
export function classifyDataApiError(error: unknown): DataApiError {
  if (error instanceof DataApiError) return error;
  const shape = (typeof error === 'object' && error !== null ? error : {}) as ErrorShape;
  const name = shape.name ?? '';
  const message = shape.message ?? '';
  return new DataApiError(failureOf(shape, name, message), messageOf(name, message), error);
}

function failureOf(shape: ErrorShape, name: string, message: string): DataApiFailure {
  if (THROTTLES.has(name) || /ThrottlingException|Rate exceeded/.test(message)) return 'throttled';
  if (DENIED.has(name)) return 'denied';
  switch (name) {
    case 'ActiveSessionsExceededException':
      return 'sessions_exceeded';
    case 'ActiveStatementsExceededException':
      return 'statements_exceeded';
    case 'ActiveWaitingRequestsExceededException':
      return 'waiters_exceeded';
    case 'ResourceNotFoundException':
      return /does not have result/i.test(message) ? 'no_result' : 'statement_unknown';
    case 'ValidationException':
      return validationFailure(message);
    default:
      return transportFailure(shape);
  }
}

function validationFailure(message: string): DataApiFailure {
  if (/Session is not available/i.test(message)) return 'session_not_available';
  if (/Session with Id: .* is invalid/i.test(message)) return 'session_unknown';
  if (/Could not cancel a query that is already/i.test(message)) return 'already_ended';
  return 'invalid';
}

function transportFailure(shape: ErrorShape): DataApiFailure {
  const causes = shape.errors?.length ? shape.errors : [shape];
  if (causes.every((cause) => UNSENT.has(cause.code ?? ''))) return 'unreachable';
  const status = shape.$metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500 ? 'invalid' : 'unknown_outcome';
}

function messageOf(name: string, message: string): string {
  if (message.length > 0) return message.replaceAll(REPEATED_VALUE, 'Value at');
  return name.length > 0 ? name : 'The call to the Data API failed.';
}
