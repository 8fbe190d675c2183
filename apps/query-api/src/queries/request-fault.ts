import { ProblemError } from '@mooring/nest-runtime';
import type { ProblemFault } from '@mooring/nest-runtime';
import { WarehouseError } from '@mooring/redshift-sessions';
import { sqlFault } from '../sql/sql-fault.ts';

/** A refusal of the caller's SQL or parameters, with where each fault is. Any other error stays as it is. */
export function requestFault(error: unknown): unknown {
  if (!(error instanceof WarehouseError)) return sqlFault(error);
  if (error.code === 'invalid_statement') {
    return new ProblemError(error.code, error.message, {
      errors: [{ pointer: '#/sql', detail: error.message }],
      cause: error,
    });
  }
  if (error.code === 'invalid_parameters') {
    return new ProblemError(error.code, error.message, { errors: parameterFaults(error), cause: error });
  }
  return error;
}

const SAID_OF: Readonly<Record<string, string>> = {
  missing: 'is used by the statement, but has no value',
  unused: 'is not used by the statement',
  duplicate: 'is given twice',
};

function parameterFaults(error: WarehouseError): ProblemFault[] {
  return Object.entries(error.details).flatMap(([fault, names]) =>
    Array.isArray(names)
      ? (names as string[]).map((name) => ({
          pointer: `#/parameters/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`,
          detail: SAID_OF[fault] ?? error.message,
        }))
      : [],
  );
}
