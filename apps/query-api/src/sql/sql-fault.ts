import { EngineError } from '@mooring/engine';
import type { BatchFailure, EngineErrorCode } from '@mooring/engine';
import { ProblemError } from '@mooring/nest-runtime';
import type { ProblemFault } from '@mooring/nest-runtime';
import { problems } from '../problems.ts';

const OF_PARAMETERS = new Set(['parameter_count', 'parameter_too_many', 'parameter_too_large']);

/** A failure of the engine, with where in the SQL it is and what else a program may use. Any other error stays as it is. */
export function sqlFault(error: unknown, failure?: BatchFailure): unknown {
  if (!(error instanceof EngineError)) return error;
  const known = problems.find(error);
  if (known === undefined) return error;
  // Where in its statement an engine saw a failure is not where that is in the batch: the beginning of the statement is.
  const { facts, line, column } = failure === undefined ? error : { ...failure, facts: error.facts };
  return new ProblemError(known.code, known.detail, {
    errors: faultsOf(error),
    members: {
      ...facts,
      ...(failure === undefined ? {} : { statement: failure.index }),
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    },
    cause: error,
  });
}

function faultsOf({ code, message }: EngineError): ProblemFault[] {
  if (OF_PARAMETERS.has(code)) return [{ pointer: '#/parameters', detail: message }];
  return code === 'syntax_error' ? [{ pointer: '#/sql', detail: message }] : [];
}

const AT_WORK: ReadonlySet<EngineErrorCode> = new Set<EngineErrorCode>([
  'execution_failed',
  'timeout',
  'cancelled',
  'out_of_memory',
]);

/** Whether the statement that failed was at work; others cost nothing. */
export function hasRun(error: unknown): boolean {
  return error instanceof EngineError && AT_WORK.has(error.code);
}
