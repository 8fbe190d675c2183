import { createHash } from 'node:crypto';
import { members, wholeNumber } from '@mooring/nest-runtime';
import { z } from 'zod';
import { namedParameters, positionalParameters } from './request-parameters.ts';
import { namespaceName } from '../sql/sql-request.ts';
import { shownSql } from './shown-sql.ts';

/** A query's longest wait in one request. Connections stay open for longer. */
export const LONGEST_WAIT_SECONDS = 30;
export const DEFAULT_MAX_ROWS = 1000;

const parameterValue = z
  .union([z.string(), z.number(), z.boolean()], 'must be text, a number or a boolean')
  .refine(
    (value) => typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value),
    'is a whole number beyond 2^53-1, which JSON readers round: send it as text',
  );

const parameters = z
  .union(
    [
      z.record(z.string(), parameterValue),
      z.array(z.strictObject({ name: z.string(), value: parameterValue })),
      z.array(z.union([parameterValue, z.null()])),
    ],
    'must be an object of names and values, a list of { name, value }, or a list of values; a value is text, a number or a boolean',
  )
  .meta({
    description:
      'Values of the `:names` in the statement. They are passed as text and cast by the engine like a string literal, ' +
      'never pasted into the SQL. With `namespace`: a list of the values of `$1`, `$2`, …, of which some may be null.',
    example: { origin: 'SEA' },
  });

const waitSeconds = z
  .number('must be a number of seconds')
  .min(0, 'must not be below 0')
  .max(LONGEST_WAIT_SECONDS, `must not be above ${LONGEST_WAIT_SECONDS}`);

export const queryRequest = members({
  sql: z.string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be text') }).meta({
    description: 'One statement, up to 200 KiB.',
    example: 'select origin, count(*) from flights where origin = :origin group by 1',
  }),
  parameters: parameters.optional(),
  namespace: namespaceName.optional().meta({
    description:
      'Runs it on the engine, with the SQL and the rights of /v1/sql, in this namespace. Without it, it runs in the warehouse.',
    example: 'sales',
  }),
  export: z
    .strictObject({ format: z.enum(['csv', 'parquet'], 'must be csv or parquet') }, 'must be { format }')
    .optional()
    .meta({
      description: 'The result becomes a file, read from /download for 24 hours. Only with `namespace`.',
      example: { format: 'parquet' },
    }),
  maxRows: z
    .number('must be a whole number')
    .int('must be a whole number')
    .min(0, 'must not be below 0')
    .optional()
    .meta({
      description:
        `The most rows in this answer. Default ${DEFAULT_MAX_ROWS}. The rest is paged from /rows. Of an export, the most ` +
        'rows in its file; default all.',
      example: 100,
    }),
  waitSeconds: waitSeconds
    .optional()
    .meta({ description: 'How long to wait for the end before answering 202. Default 30.', example: 30 }),
  timeoutSeconds: z
    .number('must be a number of seconds')
    .min(0.1, 'must not be below 0.1')
    .optional()
    .meta({ description: 'Run time after which the statement is cancelled.', example: 60 }),
  session: z
    .enum(['reuse', 'none'], 'must be reuse or none')
    .optional()
    .meta({ description: '`reuse` (default): on a pooled session. `none`: on a connection of its own.' }),
  overflow: z
    .enum(['wait', 'ephemeral', 'reject'], 'must be wait, ephemeral or reject')
    .optional()
    .meta({ description: 'When no session is free: wait for one, run without one, or be refused.' }),
}).meta({
  example: {
    sql: 'select origin, count(*) as departures from flights where origin = :origin group by 1',
    parameters: { origin: 'SEA' },
    maxRows: 100,
  },
});
export type QueryRequest = z.output<typeof queryRequest>;

export const waitQuery = z.object({
  waitSeconds: z
    .string()
    .regex(/^\d{1,3}(\.\d{1,3})?$/, `must be a number of seconds from 0 to ${LONGEST_WAIT_SECONDS}`)
    .transform(Number)
    .refine((value) => value <= LONGEST_WAIT_SECONDS, `must not be above ${LONGEST_WAIT_SECONDS}`)
    .meta({ type: 'number', pattern: undefined, minimum: 0, maximum: LONGEST_WAIT_SECONDS })
    .optional(),
});

export const rowsQuery = z.object({
  limit: wholeNumber(1, 100_000).optional(),
  cursor: z.string().max(65_536).optional(),
});

const LONGEST_KEY = 255;

/** Whether it can be an Idempotency-Key: visible ASCII, up to 255 characters. */
export function isIdempotencyKey(key: string): boolean {
  return key.length <= LONGEST_KEY && /^[\x21-\x7e]+$/.test(key);
}

/**
 * The same for two requests that would run the same. How long one waits and how much of it is shown does not count, nor do
 * passwords in statements: whoever sees the hash must not be able to try some.
 */
export function fingerprintOf(request: QueryRequest): string {
  const { sql, timeoutSeconds, session, overflow, namespace, maxRows } = request;
  const given =
    namespace === undefined
      ? [...namedParameters(request)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      : positionalParameters(request);
  const onEngine =
    namespace === undefined ? [] : [namespace, request.export === undefined ? null : [request.export.format, maxRows]];
  return createHash('sha256')
    .update(
      JSON.stringify([
        shownSql(sql, namespace),
        given,
        timeoutSeconds ?? null,
        session ?? 'reuse',
        overflow ?? null,
        ...onEngine,
      ]),
    )
    .digest('base64url');
}
