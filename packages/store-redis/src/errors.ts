import { StoreError } from '@mooring/session-store';
import { isTlsFailure } from '@mooring/session-store/adapter';
import type { StoreErrorCode, StoreOutcome } from '@mooring/session-store';

export const BACKEND = 'redis';

interface Verdict {
  readonly code: StoreErrorCode;
  readonly message: string;
  readonly outcome?: StoreOutcome;
  readonly retryable?: boolean;
}

const CORRUPT: Verdict = { code: 'corrupt', message: 'a stored record is not one of this store' };
const NO_CLUSTER: Verdict = {
  code: 'unavailable',
  message: 'the part of the cluster with this key is down or moving; try again',
};

const REFUSED: Verdict = {
  code: 'misconfigured',
  message: 'the server refused the command; it must be Redis 6.2 or later, with scripts',
};

/** By the word in the server's answer. All of them refuse before anything is written. */
const BY_WORD: Readonly<Record<string, Verdict>> = {
  MOORING_CORRUPT: CORRUPT,
  WRONGTYPE: CORRUPT,
  READONLY: {
    code: 'unavailable',
    message: 'the server is a replica; a failover is under way or the address is wrong',
  },
  LOADING: { code: 'unavailable', message: 'the server is loading its data' },
  MASTERDOWN: { code: 'unavailable', message: 'the server lost its master' },
  NOREPLICAS: { code: 'unavailable', message: 'the server has not enough replicas to accept writes' },
  MISCONF: { code: 'unavailable', message: 'the server refuses writes because it cannot save to disk' },
  BUSY: { code: 'unavailable', message: 'the server is busy with a script' },
  CLUSTERDOWN: NO_CLUSTER,
  TRYAGAIN: NO_CLUSTER,
  MOVED: NO_CLUSTER,
  ASK: NO_CLUSTER,
  OOM: {
    code: 'throttled',
    message: 'the server is at its maxmemory; give it more (and the policy noeviction)',
  },
  NOAUTH: { code: 'misconfigured', message: 'the server wants a password' },
  WRONGPASS: { code: 'misconfigured', message: 'the server refused the user or the password' },
  NOPERM: { code: 'misconfigured', message: 'the user lacks a permission; it needs the commands that the page lists' },
  CROSSSLOT: { code: 'misconfigured', message: 'the keys are not in one slot; do not set a keyPrefix with a hash tag' },
};

/** Older servers put the word of a command in a script after their own. */
const WORD = new RegExp(`\\b(?:${Object.keys(BY_WORD).join('|')})\\b`);

/** What Lua says of a value that is not what it was written as. */
const UNFIT_VALUE = /attempt to (?:compare|index|concatenate|perform arithmetic)/;

/** Of the system and the driver: the connection was never there. */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Neither the text of the cause nor what it carries (the command and its arguments) may leave the store. */
export function translate(operation: string, cause: unknown, sent: boolean): StoreError {
  if (cause instanceof StoreError) return cause;
  const verdict = verdictOf(cause) ?? {
    code: 'unavailable' as const,
    message: sent
      ? 'the connection was lost before the answer'
      : 'no connection to the server; check that it runs and can be reached',
    outcome: sent ? ('unknown' as const) : ('not_applied' as const),
  };
  return new StoreError({ ...verdict, backend: BACKEND, operation, cause: strip(cause) });
}

function verdictOf(cause: unknown): Verdict | undefined {
  const { name, message, code } = describe(cause);
  if (name === 'ReplyError') {
    const word = WORD.exec(message)?.[0];
    if (word !== undefined) return BY_WORD[word];
    return UNFIT_VALUE.test(message) ? CORRUPT : REFUSED;
  }
  if (message === 'Command timed out') return timedOut();
  if (name === 'ClusterAllFailedError' || NOT_CONNECTED.has(code)) {
    return { code: 'unavailable', message: 'no connection to the server; check that it runs and can be reached' };
  }
  if (isTlsFailure(code)) {
    return {
      code: 'misconfigured',
      message: 'no TLS: the certificate of the server is not trusted, or it speaks without TLS',
    };
  }
  return undefined;
}

/** The server was restarted, or its scripts were flushed. */
export function isUnknownScript(cause: unknown): boolean {
  const { name, message } = describe(cause);
  return name === 'ReplyError' && message.startsWith('NOSCRIPT');
}

function timedOut(): Verdict {
  return { code: 'timeout', message: 'no answer in time', outcome: 'unknown' };
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

export function notReady(operation: string): StoreError {
  return new StoreError({
    code: 'unavailable',
    message: 'not connected to the server at the moment; the store goes on trying',
    backend: BACKEND,
    operation,
    outcome: 'not_applied',
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

export function misconfigured(message: string, cause?: unknown): StoreError {
  return new StoreError({ code: 'misconfigured', message, backend: BACKEND, operation: 'create', cause });
}

function describe(cause: unknown): { readonly name: string; readonly message: string; readonly code: string } {
  const { name, message, code } = (cause ?? {}) as { name?: unknown; message?: unknown; code?: unknown };
  return {
    name: typeof name === 'string' ? name : '',
    message: typeof message === 'string' ? message : '',
    code: typeof code === 'string' ? code : '',
  };
}

/** The code of the system, the first word of an answer, and whether it is TLS that failed. */
function strip(cause: unknown): Error {
  const { name, message, code } = describe(cause);
  const reply = name === 'ReplyError' ? WORD.exec(message)?.[0] : undefined;
  return Object.assign(
    new Error(code || name || 'connection lost'),
    code === '' ? {} : { systemCode: code },
    reply === undefined ? {} : { reply },
    isTlsFailure(code) ? { tls: true } : {},
  );
}
