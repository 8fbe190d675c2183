import { isError } from './is-error.ts';
/** What of an error is logged. Other properties may hold statements, rows or credentials, so they never are. */
export interface LoggedError {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

const DEEPEST_CAUSE = 4;
const LONGEST_MESSAGE = 2000;

export function describeError(error: unknown, depth = 0): LoggedError {
  if (!isError(error)) return { name: typeof error, message: 'a value that is no Error was thrown' };
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: (depth === 0 ? error.message : withoutQuoted(error.message)).slice(0, LONGEST_MESSAGE),
    ...(depth === 0 && error.stack !== undefined ? { stack: framesOf(error.stack) } : {}),
    ...(error.cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}

/** Causes come from drivers, which quote what they were given: statements, values, names. */
function withoutQuoted(message: string): string {
  return message.replace(/['"`].*['"`]/s, '…');
}

/** The frames alone: the first lines repeat the message. */
function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .join('\n');
}
