import { z } from 'zod';
import type { ResultSlice } from './result-pages.ts';
import type { StoredQuery } from './query-records.ts';
import type { QueryRecord, QueryTimings } from './query-record.ts';

const milliseconds = z.number().optional();

export const queryState = z.object({
  id: z.string().meta({ example: '3fLQyWc9cVvKX1rHkZ0TnXJg' }),
  status: z.enum(['queued', 'running', 'finished', 'failed', 'cancelled', 'timed_out']),
  sql: z.string().meta({ description: 'The first 1000 characters of the statement.' }),
  createdAt: z.string().meta({ example: '2026-11-21T10:00:00.000Z' }),
  endedAt: z.string().optional(),
  statementId: z.string().optional().meta({ description: "The warehouse's id of the statement." }),
  sessionReused: z
    .boolean()
    .optional()
    .meta({ description: 'It ran on a session that was open already. Absent until it was accepted.' }),
  timings: z
    .object({
      queuedMs: milliseconds.meta({ description: 'Waiting for a session.', example: 0 }),
      submitMs: milliseconds.meta({
        description:
          'Until the warehouse accepted the statement, with the connection it may have opened; it holds the run time of a ' +
          'statement that ended within the first second.',
        example: 41.3,
      }),
      runMs: milliseconds.meta({ description: 'What the engine says it took.', example: 12.7 }),
      fetchMs: milliseconds.meta({ description: 'Reading the rows of this answer.', example: 9.8 }),
      totalMs: milliseconds.meta({ description: 'From the request to this answer, or to the end.', example: 55.2 }),
    })
    .meta({ description: 'Where the time went, in milliseconds.' }),
  namespace: z.string().optional().meta({ description: 'Of the engine that it runs on.' }),
  export: z
    .object({
      format: z.enum(['csv', 'parquet']),
      bytes: z.number().optional().meta({ description: 'Of the file, once it is there.', example: 18_204_331 }),
      download: z.string().optional().meta({ description: 'Where the file is, once it is there.' }),
    })
    .optional()
    .meta({ description: 'Of a query whose result is a file.' }),
  resultRows: z
    .number()
    .optional()
    .meta({ description: 'Rows of the result, or rows that the statement changed.', example: 5 }),
  error: z
    .object({ code: z.string(), message: z.string() })
    .optional()
    .meta({ description: 'Why it failed: what the engine said of the statement, or why it did not run.' }),
});
export type QueryState = z.output<typeof queryState>;

const cell = z.json().meta({ type: undefined, anyOf: undefined, $ref: undefined, description: 'Any JSON value.' });

export const resultRows = z.object({
  columns: z.array(
    z.object({
      name: z.string().meta({ example: 'origin' }),
      type: z.string().meta({ example: 'varchar' }),
      nullable: z.boolean().nullable(),
      precision: z.number().nullable(),
      scale: z.number().nullable(),
    }),
  ),
  rows: z.array(z.array(cell)).meta({
    description:
      'One list for each row, in the order of the columns. Whole numbers beyond 2^53-1 and every NUMERIC are text. On the ' +
      'engine a value may be a list or an object, bytes are base64.',
    example: [['SEA', 7210]],
  }),
  totalRows: z.number().meta({ description: 'Rows of the whole result.', example: 1 }),
  truncated: z.boolean().meta({ description: 'The result has more rows than this answer.' }),
  nextCursor: z.string().optional().meta({ description: 'For the next rows: GET /v1/queries/{id}/rows?cursor=' }),
});
export type ResultRows = z.output<typeof resultRows>;

const FINISHED: QueryState = {
  id: '6b74yVzRRl1YLmtgFnq7_5SA',
  status: 'finished',
  sql: 'select origin, count(*) as departures from flights where origin = :origin group by 1',
  createdAt: '2026-11-21T10:16:57.522Z',
  endedAt: '2026-11-21T10:16:57.577Z',
  statementId: 'ab688df0-7f6a-4961-a0d5-e00a71f576a8',
  sessionReused: true,
  timings: { queuedMs: 0, submitMs: 41.3, runMs: 12.7, fetchMs: 9.8, totalMs: 55.2 },
  resultRows: 1,
};

export const queryResult = queryState.extend(resultRows.shape).meta({
  example: {
    ...FINISHED,
    columns: [
      { name: 'origin', type: 'varchar', nullable: true, precision: 256, scale: 0 },
      { name: 'departures', type: 'int8', nullable: true, precision: 19, scale: 0 },
    ],
    rows: [['SEA', 7210]],
    totalRows: 1,
    truncated: false,
  },
});
export type QueryResult = z.output<typeof queryResult>;

export const queryList = z.object({
  queries: z.array(queryState),
  nextCursor: z.string().optional().meta({ description: 'For the next page. Absent on the last.' }),
});
export type QueryList = z.output<typeof queryList>;

export function stateOf({ id, record }: StoredQuery, timings: QueryTimings = record.timings ?? {}): QueryState {
  const { status, sql, namespace, endedAt, statementId, sessionReused, resultRows: count, failure } = record;
  return {
    id,
    status,
    sql,
    ...(namespace === undefined ? {} : { namespace }),
    createdAt: new Date(record.submittedAt).toISOString(),
    ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt).toISOString() }),
    ...(statementId === undefined ? {} : { statementId }),
    ...(sessionReused === undefined ? {} : { sessionReused }),
    timings: rounded(timings),
    ...exportOf(id, record),
    ...(count === undefined ? {} : { resultRows: count }),
    ...(failure === undefined ? {} : { error: failure }),
  };
}

function exportOf(id: string, { exportAs: format, result }: QueryRecord): Pick<QueryState, 'export'> {
  if (format === undefined) return {};
  if (result === undefined) return { export: { format } };
  return { export: { format, bytes: result.bytes, download: `/v1/queries/${id}/download` } };
}

export function rowsOf({ columns, rows, totalRows, nextCursor }: ResultSlice): ResultRows {
  return {
    columns: [...columns],
    rows: rows.map((row) => [...row]) as ResultRows['rows'],
    totalRows,
    truncated: nextCursor !== undefined,
    ...(nextCursor === undefined ? {} : { nextCursor }),
  };
}

function rounded(timings: QueryTimings): QueryState['timings'] {
  return Object.fromEntries(Object.entries(timings).map(([name, ms]) => [name, Math.round((ms as number) * 10) / 10]));
}
