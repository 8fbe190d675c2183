import { StoreError } from '@mooring/session-store';
import { isTlsFailure } from '@mooring/session-store/adapter';
import type { StoreErrorCode, StoreOutcome } from '@mooring/session-store';

export const BACKEND = 'dynamodb';

export interface Verdict {
  readonly code: StoreErrorCode;
  readonly message: string;
  /** Whether the request may have been applied. Default not. */
  readonly outcome?: StoreOutcome;
  /** Whether the same request may fare better in a moment. */
  readonly again?: boolean;
}

const THROTTLED: Verdict = {
  code: 'throttled',
  message: 'DynamoDB throttles the table, an index or one key; give it more capacity or spread the load',
  again: true,
};
const BUSY: Verdict = { code: 'conflict', message: 'another request holds the item', again: true };
const DENIED: Verdict = {
  code: 'misconfigured',
  message: 'DynamoDB refused the credentials or a permission is missing; the page of the adapter lists those it needs',
};
const TOO_LARGE: Verdict = { code: 'too_large', message: 'the item would pass the 400 KB that DynamoDB allows' };
const FAILED: Verdict = {
  code: 'unavailable',
  message: 'DynamoDB failed to answer; the request may have been applied',
  outcome: 'unknown',
  again: true,
};
const UNREACHABLE: Verdict = {
  code: 'unavailable',
  message: 'no connection to DynamoDB; check endpoint, region and network',
};

/** By the name of the exception. */
const BY_NAME: Readonly<Record<string, Verdict>> = {
  ProvisionedThroughputExceededException: THROTTLED,
  ThrottlingException: THROTTLED,
  Throttling: THROTTLED,
  RequestLimitExceeded: THROTTLED,
  TransactionConflictException: BUSY,
  TransactionInProgressException: BUSY,
  ReplicatedWriteConflictException: BUSY,
  ItemCollectionSizeLimitExceededException: {
    code: 'too_large',
    message: 'the sessions of this partition would pass the 10 GB that DynamoDB allows beside a local index',
  },
  ResourceNotFoundException: {
    code: 'misconfigured',
    message: 'there is no such table; make it with `mooring-store-dynamodb create-table`, or check table and region',
  },
  AccessDeniedException: DENIED,
  UnrecognizedClientException: DENIED,
  InvalidClientTokenId: DENIED,
  MissingAuthenticationTokenException: DENIED,
  IncompleteSignatureException: DENIED,
  ExpiredTokenException: DENIED,
  // The SDK learns the difference between the clocks from the first refusal.
  InvalidSignatureException: { ...DENIED, again: true },
  CredentialsProviderError: { code: 'misconfigured', message: 'the AWS SDK finds no credentials' },
  UnknownOperationException: { code: 'misconfigured', message: 'the endpoint does not know the operation' },
  InternalServerError: FAILED,
  InternalServerErrorException: FAILED,
  ServiceUnavailable: FAILED,
  ServiceUnavailableException: FAILED,
};

/** Of the system: the connection was never there. */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

export function verdictOf(cause: unknown): Verdict {
  const { name, message, code, status } = describe(cause);
  const named = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  if (named !== undefined) return named;
  if (name === 'ValidationException') {
    return /\bsize\b.*\b(?:exceed|larger)|maximum allowed size/i.test(message)
      ? TOO_LARGE
      : { code: 'misconfigured', message: 'DynamoDB refused the request; is the table one of this store and version?' };
  }
  if (NOT_CONNECTED.has(code) || (name === 'TimeoutError' && /establish/.test(message))) return UNREACHABLE;
  if (isTlsFailure(code)) {
    return { code: 'misconfigured', message: "the endpoint's certificate is not trusted" };
  }
  if (/region is missing/i.test(message)) return { code: 'misconfigured', message: 'the AWS SDK finds no region' };
  if (/MAX_SAFE_INTEGER/.test(message)) return { code: 'corrupt', message: 'a stored number is not one of this store' };
  if (status >= 400 && status < 500) {
    return { code: 'misconfigured', message: 'DynamoDB refused the request' };
  }
  return status >= 500 ? FAILED : { ...FAILED, message: 'the connection was lost before the answer' };
}

/** Neither the text of the cause nor what it carries (keys, items) may leave the store. */
export function failure(operation: string, verdict: Verdict, cause: unknown): StoreError {
  const { again: _, ...rest } = verdict;
  return new StoreError({ ...rest, backend: BACKEND, operation, cause: strip(cause) });
}

/** What comes after a write of the same operation: when it fails, the operation was not left undone. */
export async function afterWrite<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof StoreError) || error.outcome === 'unknown') throw error;
    const { code, backend, operation, retryable, cause } = error;
    const message = error.message.slice(`${backend} ${operation}: `.length);
    throw new StoreError({ code, message, backend, operation, outcome: 'unknown', retryable, cause });
  }
}

export function overdue(operation: string, limitMs: number): StoreError {
  return new StoreError({
    code: 'timeout',
    message: `no answer within ${limitMs} ms`,
    backend: BACKEND,
    operation,
    outcome: 'unknown',
  });
}

export function contended(operation: string): StoreError {
  return new StoreError({
    code: 'conflict',
    message: 'others changed the item each time; try again',
    backend: BACKEND,
    operation,
  });
}

export function uncertain(operation: string): StoreError {
  return new StoreError({
    code: 'conflict',
    message: 'an answer was lost, and others changed the item since',
    backend: BACKEND,
    operation,
    outcome: 'unknown',
  });
}

export function closed(operation: string): StoreError {
  return new StoreError({ code: 'closed', message: 'the store was closed', backend: BACKEND, operation });
}

export function corrupt(operation: string, what: string): StoreError {
  return new StoreError({
    code: 'corrupt',
    message: `a stored record can't be read: ${what}`,
    backend: BACKEND,
    operation,
  });
}

export function misconfigured(message: string, operation = 'create'): StoreError {
  return new StoreError({ code: 'misconfigured', message, backend: BACKEND, operation });
}

interface Described {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly status: number;
}

function describe(cause: unknown): Described {
  const { name, message, code, $metadata } = (cause ?? {}) as Readonly<Record<string, unknown>>;
  const status = ($metadata as { httpStatusCode?: unknown } | undefined)?.httpStatusCode;
  return {
    name: typeof name === 'string' ? name : '',
    message: typeof message === 'string' ? message : '',
    code: typeof code === 'string' ? code : '',
    status: typeof status === 'number' ? status : 0,
  };
}

function strip(cause: unknown): Error {
  const { name, code } = describe(cause);
  return Object.assign(new Error(code || name || 'no answer'), code === '' ? {} : { systemCode: code });
}
