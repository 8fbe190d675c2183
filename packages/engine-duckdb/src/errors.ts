import { EngineError } from '@mooring/engine';
import type { EngineErrorCode, EngineErrorDetails } from '@mooring/engine';

/** What DuckDB reports with `errors_as_json`; only type, subtype, position and names of objects are ever passed on. */
interface DuckdbFailure {
  readonly exception_type: string;
  readonly exception_message: string;
  readonly error_subtype?: string;
  /** In bytes of the statement, from 0. */
  readonly position?: string;
  /** Of an object: `Table`, `Schema`, `Scalar Function`. */
  readonly type?: string;
  readonly name?: string;
}

type Verdict = Pick<EngineErrorDetails, 'message' | 'retryable'> & { readonly code: EngineErrorCode };

const VALUE: Verdict = {
  code: 'execution_failed',
  message: 'A value does not fit where the statement puts it. Look at its casts, ranges and parameters.',
};

const TRANSACTION: Verdict = {
  code: 'conflict',
  message: 'Another transaction changed the same rows or objects. Roll back and run it again.',
  retryable: true,
};

const INVALIDATED: Verdict = {
  code: 'unavailable',
  message: 'The embedded engine hit an internal failure and is opened anew; what was committed is kept. Run it again.',
  retryable: true,
};

/** By DuckDB's exception type. */
const VERDICTS: Readonly<Record<string, Verdict>> = {
  Parser: { code: 'syntax_error', message: 'The statement is no valid SQL of the embedded engine.' },
  Syntax: { code: 'syntax_error', message: 'The statement is no valid SQL of the embedded engine.' },
  Binder: {
    code: 'execution_failed',
    message: 'The statement does not fit the tables, columns, functions or types that it names.',
  },
  'Parameter Not Resolved': {
    code: 'invalid_argument',
    message: "A parameter's type is not known from its place. Say it with a cast: $1::INTEGER.",
  },
  Constraint: {
    code: 'conflict',
    message: 'A constraint refused the rows: a key that is there already, a NULL, a CHECK or a foreign key.',
    retryable: false,
  },
  Conversion: VALUE,
  'Invalid type': VALUE,
  'Mismatch Type': VALUE,
  'Out of Range': VALUE,
  'Divide by Zero': VALUE,
  Decimal: VALUE,
  Dependency: { code: 'in_use', message: 'Other objects depend on it. Drop them first, or use CASCADE.' },
  Permission: { code: 'forbidden', message: 'The embedded engine reaches no files, network, extensions or settings.' },
  'Not implemented': {
    code: 'unsupported_statement',
    message: 'The embedded engine does not do that. Constraints, for one, go into CREATE TABLE.',
  },
  'Out of Memory': {
    code: 'out_of_memory',
    message: "The statement needs more memory or disk than its tenant's engine may use. Let it read or sort less.",
  },
  Sequence: VALUE,
  TransactionContext: TRANSACTION,
  Serialization: TRANSACTION,
  FATAL: INVALIDATED,
  INTERNAL: INVALIDATED,
  INTERRUPT: { code: 'cancelled', message: 'The statement was interrupted.' },
  Connection: { code: 'unavailable', message: 'The connection was closed.', retryable: true },
  IO: {
    code: 'unavailable',
    message: "The engine's files can't be read or written. Look at free space, quota, owner and mode of its folders.",
    retryable: true,
  },
};

const TOO_DEEP: Verdict = {
  code: 'unsupported_statement',
  message: 'The statement is nested deeper than the 150 levels that the embedded engine plans.',
};

const OTHER: Verdict = { code: 'execution_failed', message: 'The statement failed in the embedded engine.' };

/** A failure of a statement, as the port's. Neither its text nor a value of it or of a row is passed on. */
export function translate(cause: unknown, sql = ''): EngineError {
  if (cause instanceof EngineError) return cause;
  const failure = failureOf(cause);
  const verdict = special(failure) ?? VERDICTS[failure.exception_type] ?? OTHER;
  return new EngineError({ ...verdict, ...placeOf(failure, sql), facts: { engine: 'duckdb', ...kindOf(failure) } });
}

/** Whether the instance can't be used any more. */
export function isFatal(error: unknown): boolean {
  return error instanceof EngineError && (error.facts['kind'] === 'FATAL' || error.facts['kind'] === 'INTERNAL');
}

/** A failure to open the database of `place`. */
export function translateOpening(cause: unknown, place: string): EngineError {
  if (cause instanceof EngineError) return cause;
  const { exception_message: text } = failureOf(cause);
  if (/lock on file|being used by another process|different configuration/i.test(text)) {
    return new EngineError({
      code: 'file_in_use',
      message:
        `The database of ${place} is open elsewhere, and a DuckDB file belongs to one process at a time. ` +
        'Let one process own each tenant, keep the data in Parquet folders, which many may read, or in the warehouse.',
      retryable: true,
    });
  }
  if (/Permission denied|Read-only file system|Cannot open file|Not a directory|Is a directory/i.test(text)) {
    return unwritable(place);
  }
  return new EngineError({
    code: 'unavailable',
    message: `The database of ${place} could not be opened. It may be damaged, or written by a newer DuckDB.`,
  });
}

export function unwritable(place: string): EngineError {
  return new EngineError({
    code: 'misconfigured',
    message: `The folder of ${place} can't be written. Make the data folder writable for the user of this process.`,
  });
}

export function closedError(): EngineError {
  return new EngineError({ code: 'unavailable', message: 'The embedded engine is closed.' });
}

function failureOf(cause: unknown): DuckdbFailure {
  const { message } = (cause ?? {}) as { readonly message?: unknown };
  const text = typeof message === 'string' ? message : '';
  const [, prefix, json] = /^(?:([A-Za-z ]+) Error: )?(\{.*\})\s*$/s.exec(text) ?? [];
  if (json !== undefined) {
    try {
      const parsed = JSON.parse(json) as DuckdbFailure;
      if (typeof parsed.exception_type === 'string') return { ...parsed, exception_message: parsed.exception_message };
    } catch {
      return { exception_type: prefix ?? '', exception_message: text };
    }
  }
  const [, type = ''] = /^([A-Za-z ]+?) (?:Error|Exception): /.exec(text) ?? [];
  return { exception_type: type, exception_message: text };
}

/** Where the type alone does not say what happened. */
function special(failure: DuckdbFailure): Verdict | undefined {
  const { exception_type: type, error_subtype: subtype, exception_message: text } = failure;
  if (type === 'Catalog') return catalogVerdict(failure);
  if (subtype === 'COLUMN_NOT_FOUND') {
    return { code: 'not_found', message: `There is no column ${failure.name ?? ''} in the tables of the statement.` };
  }
  if (type === 'TransactionContext' && text.includes('no transaction is active')) {
    return { code: 'no_transaction', message: 'There is no transaction to end. Begin one first.' };
  }
  if (type === 'TransactionContext' && text.includes('is aborted')) {
    return { code: 'conflict', message: 'A statement of the transaction failed before. Roll it back.' };
  }
  if (type === 'TransactionContext' && text.includes('within a transaction')) {
    return {
      code: 'conflict',
      message: 'The connection is in a transaction already. Commit it or roll it back first.',
    };
  }
  if (type === 'Invalid Input' && text.includes('configuration has been locked')) return VERDICTS['Permission'];
  if (text.includes('expression depth')) return TOO_DEEP;
  if (text.includes('multiple statements'))
    return { code: 'unsupported_statement', message: 'One statement at a time.' };
  if (text.includes('database has been invalidated')) return INVALIDATED;
  return undefined;
}

function catalogVerdict({ error_subtype: subtype, type, name, exception_message: text }: DuckdbFailure): Verdict {
  const what = name === undefined ? 'An object of the statement' : `${type ?? 'Object'} ${name}`;
  if (subtype === 'ENTRY_ALREADY_EXISTS') return { code: 'already_exists', message: `${what} exists already.` };
  if (subtype === 'MISSING_ENTRY' || /does not exist|No catalog \+ schema/.test(text)) {
    return { code: 'not_found', message: `${what} does not exist. Look at its spelling and its namespace.` };
  }
  if (/[Cc]onflict/.test(text)) return TRANSACTION;
  return { code: 'execution_failed', message: `${what} can't be used in that way.` };
}

function kindOf({ exception_type: kind }: DuckdbFailure): Record<string, string> {
  return kind === '' ? {} : { kind };
}

function placeOf({ position }: DuckdbFailure, sql: string): { line?: number; column?: number } {
  const at = Number(position ?? Number.NaN);
  const bytes = Buffer.from(sql);
  if (!Number.isInteger(at) || at > bytes.length) return {};
  const lines = bytes.subarray(0, at).toString().split('\n');
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}
