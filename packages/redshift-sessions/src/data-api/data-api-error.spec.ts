import { describe, expect, it } from '@jest/globals';
import { classifyDataApiError } from './data-api-error.ts';

const failureOf = (error: unknown): string => classifyDataApiError(error).failure;
const answer = (name: string, message: string, httpStatusCode = 400): object => ({
  name,
  message,
  $metadata: { httpStatusCode },
});

describe('classifyDataApiError', () => {
  it.each([
    ['throttled', answer('ThrottlingException', 'Rate exceeded')],
    [
      'throttled',
      answer('ValidationException', 'Service returned error code ThrottlingException (Service: RedshiftServerless)'),
    ],
    ['session_not_available', answer('ValidationException', 'Session is not available')],
    ['session_unknown', answer('ValidationException', 'Session with Id: 0-1 is invalid')],
    ['sessions_exceeded', answer('ActiveSessionsExceededException', 'too many')],
    ['statements_exceeded', answer('ActiveStatementsExceededException', 'too many')],
    ['waiters_exceeded', answer('ActiveWaitingRequestsExceededException', 'too many')],
    ['statement_unknown', answer('ResourceNotFoundException', 'Query does not exist.')],
    [
      'no_result',
      answer(
        'ResourceNotFoundException',
        'Query does not have result. Please check query status with DescribeStatement.',
      ),
    ],
    [
      'already_ended',
      answer('ValidationException', 'Could not cancel a query that is already in FINISHED state with ID: x'),
    ],
    ['denied', answer('AccessDeniedException', 'no')],
    ['invalid', answer('ValidationException', 'Database is missing')],
    ['invalid', answer('UnknownOperationException', 'no such operation')],
    ['unreachable', { code: 'ECONNREFUSED', message: 'connect' }],
    ['unreachable', { name: 'AggregateError', errors: [{ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }] }],
    ['unknown_outcome', { code: 'ECONNRESET', message: 'socket hang up' }],
    ['unknown_outcome', { name: 'TimeoutError', message: 'timed out' }],
    ['unknown_outcome', answer('InternalServerException', 'oops', 500)],
    ['unknown_outcome', answer('ExecuteStatementException', 'oops', 500)],
    ['unknown_outcome', new Error('what?')],
    ['unknown_outcome', undefined],
  ])('%s', (failure, error) => {
    expect(failureOf(error)).toBe(failure);
  });

  it('does not repeat what the service repeats of a call', () => {
    const said = "1 validation error detected: Value 'select 'secret' at 'sql' failed to satisfy constraint: too long";
    expect(classifyDataApiError(answer('ValidationException', said)).message).toBe(
      "1 validation error detected: Value at 'sql' failed to satisfy constraint: too long",
    );
  });

  it('does not take a quota of sessions for a broken session', () => {
    expect(failureOf(answer('ActiveSessionsExceededException', 'Session quota exceeded'))).toBe('sessions_exceeded');
  });
});
