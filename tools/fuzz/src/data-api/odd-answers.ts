import * as fc from 'fast-check';
import { edited } from '../mutation.ts';
import { jsonOf, oddTexts } from '../odd-values.ts';
import { API_OPERATIONS } from './model.ts';
import { valuesOf } from './values.ts';
import type { Words } from './values.ts';

/**
 * How an answer is sent: with its length, with a length that is too large or too small, with a connection that is cut
 * off amid it or before it, so that it never ends, or never begins.
 */
export type AnswerFraming = 'length' | 'short' | 'long' | 'cut' | 'reset' | 'endless' | 'silent';

/** The answer to some calls of an operation. `COUNT` in a body is another number each time. */
export interface OddAnswer {
  readonly operation: string;
  /** The first of the calls, from 0, and how many. */
  readonly from: number;
  readonly times: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly framing: AnswerFraming;
}

/** What a client does, one after the other. */
export const STEPS = ['read', 'change', 'slow', 'batch', 'alone', 'pin', 'find', 'cancel'] as const;
export type Step = (typeof STEPS)[number];

/** What the service answers honestly, but for these answers, while a client does this. */
export interface ClientInput {
  readonly steps: readonly Step[];
  readonly answers: readonly OddAnswer[];
}

const OPERATIONS = [
  ...['ExecuteStatement', 'BatchExecuteStatement', 'DescribeStatement', 'GetStatementResult', 'CancelStatement'],
  ...['ListStatements', 'ListSessions'],
];

const ERRORS = [
  ...['ValidationException', 'ResourceNotFoundException', 'InternalServerException', 'ExecuteStatementException'],
  ...['ActiveSessionsExceededException', 'ActiveStatementsExceededException', 'ActiveWaitingRequestsExceededException'],
  ...['ThrottlingException', 'AccessDeniedException', 'ExpiredTokenException', 'DatabaseConnectionException', 'NewOne'],
  ...['com.amazonaws.redshiftdata#ValidationException', 'ValidationException:http://x', '', 'constructor', '__proto__'],
];

const MESSAGES = [
  ...['Session is not available', 'Session with Id: x is invalid', 'Query does not have result.', 'Rate exceeded', ''],
  ...['Could not cancel a query that is already in FINISHED state', 'Service returned error code ThrottlingException'],
];

const words = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

const WORDS: Words = {
  Id: words('1', 'd8a9b7c6-0000-0000-0000-000000000000', ''),
  SessionId: words('d8a9b7c6-0000-0000-0000-000000000000', ''),
  Status: words(
    'SUBMITTED',
    'PICKED',
    'STARTED',
    'FINISHED',
    'ABORTED',
    'FAILED',
    'AVAILABLE',
    'BUSY',
    'CLOSED',
    'NEW',
  ),
  NextToken: words('token', 'token-COUNT'),
  Error: words('ERROR: relation "t" does not exist'),
  typeName: words('int8', 'int4', 'float8', 'bool', 'numeric', 'varchar', 'new'),
  stringValue: words('x', '1'),
};

const errors = fc
  .tuple(
    fc.constantFrom(...ERRORS),
    fc.oneof(fc.constantFrom(...MESSAGES), oddTexts),
    fc.constantFrom('Message', 'message', 'errorMessage'),
    fc.constantFrom('__type', 'code', 'Code', 'x-amzn-errortype'),
    fc.constantFrom(400, 400, 400, 404, 403, 429, 500, 503, 200, 302, 100, 999),
  )
  .map(([type, message, messageName, typeName, status]) => {
    const isHeader = typeName === 'x-amzn-errortype';
    return {
      status,
      headers: isHeader ? { [typeName]: type } : {},
      body: JSON.stringify({ ...(isHeader ? {} : { [typeName]: type }), [messageName]: message }),
    };
  });

function answersOf(operation: string, mutations: fc.Arbitrary<string>): fc.Arbitrary<OddAnswer> {
  const shape = API_OPERATIONS.find(({ name }) => name === operation)?.output ?? { kind: 'text' };
  const bodies = valuesOf(shape, WORDS).map(jsonOf);
  const mutated = fc.oneof(
    { weight: 6, arbitrary: bodies },
    { weight: 3, arbitrary: edited(bodies, ['{"Id":null}', '{"a":1,"a":2}', '[[]]', '9007199254740993']) },
    { weight: 1, arbitrary: mutations },
  );
  const contents = fc.oneof(
    { weight: 3, arbitrary: mutated.map((body) => ({ status: 200, headers: {}, body })) },
    { weight: 2, arbitrary: errors },
  );
  const framing = fc.oneof(
    { weight: 14, arbitrary: fc.constant<AnswerFraming>('length') },
    { weight: 3, arbitrary: fc.constantFrom<AnswerFraming>('long', 'cut', 'reset') },
    { weight: 1, arbitrary: fc.constantFrom<AnswerFraming>('short', 'endless', 'silent') },
  );
  return fc
    .tuple(contents, fc.constantFrom(0, 0, 0, 1, 2), fc.constantFrom(1, 1, 2, 1000), framing)
    .map(([content, from, times, framed]) => ({ operation, from, times, ...content, framing: framed }));
}

/** Things that a client does, and odd answers to it. */
export function clientInputs(mutations: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const answers = fc.oneof(...OPERATIONS.map((operation) => answersOf(operation, mutations)));
  return fc
    .record({
      steps: fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 3 }),
      answers: fc.array(answers, { minLength: 1, maxLength: 3 }),
    })
    .map((input) => JSON.stringify(input satisfies ClientInput));
}
