import { pino } from 'pino';
import { describeError } from './describe-error.ts';
import { isError } from './is-error.ts';
import { currentScope } from './request-scope.ts';

/** Structured log. Pass fields first, then a message that is the same for every occurrence. */
export type Logger = pino.Logger;

export const Logger = Symbol('Logger');

export interface LoggerOptions {
  readonly name: string;
  /** Default `info`. */
  readonly level?: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Values that no line may hold, whatever logs them. */
  readonly secrets?: readonly string[];
  /** What no line may hold by its form, such as tokens of the service. */
  readonly secretForms?: readonly RegExp[];
  /** Names of fields that lines may have besides `LOGGED_FIELDS`. */
  readonly fields?: readonly string[];
  /** Where lines go. Default standard output. */
  readonly destination?: pino.DestinationStream;
}

/** Authorization values and the user part of URLs, whoever they belong to. */
const CREDENTIALS = /\b(Bearer|Basic) [A-Za-z0-9._~+/=-]+|(?<=:\/\/)[^\s/@"\\]+(?=@)/g;

/**
 * The fields that lines may have. Another one stands there without its value: whoever logs a header, a body or a statement
 * by mistake logs nothing of it.
 */
export const LOGGED_FIELDS: readonly string[] = [
  'requestId',
  'traceId',
  'method',
  'route',
  'status',
  'durationMs',
  'context',
  'code',
  'error',
  'indicator',
  'url',
  'signal',
  'clean',
  'deadlineMs',
  'hooksDeadlineMs',
];

/**
 * A logger of JSON lines. A line has fields of a list alone, the id of the request that it is of, and the id of its trace.
 * Errors stand as `describeError` has them. Known secrets and what looks like credentials are cut out of every line.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { name, level = 'info', secrets = [], secretForms = [], fields = [], destination } = options;
  const listed = new Set([...LOGGED_FIELDS, ...fields]);
  const forms = secretForms.map(({ source, flags }) => new RegExp(source, flags.includes('g') ? flags : `${flags}g`));
  // As JSON, since that is how they stand in a line. Longest first: one may hold another.
  const values = secrets.map((secret) => JSON.stringify(secret).slice(1, -1)).sort((a, b) => b.length - a.length);
  const scrub = (line: string): string => {
    let clean = line.replaceAll(CREDENTIALS, (found) => (/^(Bearer|Basic) /.exec(found)?.[0] ?? '') + '[redacted]');
    for (const value of [...values, ...forms]) clean = clean.replaceAll(value, '[redacted]');
    return clean;
  };
  return pino(
    {
      name,
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      errorKey: 'error',
      // A copy: what is given is merged into it.
      mixin: () => ({ ...currentScope() }),
      formatters: { level: (label) => ({ level: label }), log: (given) => listedOf(given, listed) },
      hooks: { streamWrite: scrub },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

function listedOf(given: Record<string, unknown>, listed: ReadonlySet<string>): Record<string, unknown> {
  const entries = Object.entries(given).map(([field, value]): [string, unknown] => {
    if (!listed.has(field)) return [field, '[not listed]'];
    return [field, isError(value) ? describeError(value) : value];
  });
  return Object.fromEntries(entries);
}
