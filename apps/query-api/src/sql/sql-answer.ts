import type { StatementReport } from '@mooring/engine';
import { z } from 'zod';
import { jsonOfRow } from './value-json.ts';

const cell = z.json().meta({ type: undefined, anyOf: undefined, $ref: undefined, description: 'Any JSON value.' });

export const sqlResult = z.object({
  schema: z.array(
    z.object({
      name: z.string().meta({ example: 'departures' }),
      type: z.string().meta({ description: "The engine's name of it.", example: 'BIGINT' }),
    }),
  ),
  rows: z.array(z.array(cell)).meta({
    description:
      'One list for each row, in the order of the schema. Whole numbers beyond 2^53-1 and every DECIMAL are text, bytes ' +
      'are base64, times are ISO 8601.',
    example: [['SEA', 7210]],
  }),
  rowCount: z.number().meta({ description: 'Rows here, or rows and objects that the statement changed.', example: 1 }),
  truncated: z.boolean().meta({ description: 'The statement has more rows than are here.' }),
  message: z.string().nullable().meta({ description: 'What was done, where rows do not tell.', example: null }),
  queryId: z.string().meta({ description: 'What KILL QUERY takes while it runs.' }),
});
export type SqlResult = z.output<typeof sqlResult>;

export const sqlAnswer = z
  .object({
    status: z.literal('finished'),
    results: z.array(sqlResult).meta({ description: '`results[i]` is of statement i.' }),
    rolledBack: z.boolean().meta({ description: 'A transaction was left open, and is undone.' }),
    tookMs: z.number().meta({ example: 1.3 }),
  })
  .meta({
    example: {
      status: 'finished',
      results: [
        {
          schema: [
            { name: 'origin', type: 'VARCHAR' },
            { name: 'departures', type: 'BIGINT' },
          ],
          rows: [['SEA', 7210]],
          rowCount: 1,
          truncated: false,
          message: null,
          queryId: '1c0d2f0e-4f0a-4a53-9a38-2a0b1d6c7e55',
        },
      ],
      rolledBack: false,
      tookMs: 1.3,
    },
  });
export type SqlAnswer = z.output<typeof sqlAnswer>;

export function resultOf(report: StatementReport): SqlResult {
  const { columns, rows, truncated, rowsAffected, message, metadata } = report;
  return {
    schema: columns.map(({ name, type }) => ({ name, type })),
    rows: rows.map(jsonOfRow) as SqlResult['rows'],
    rowCount: rowsAffected ?? rows.length,
    truncated,
    message,
    queryId: metadata.queryId,
  };
}

export function milliseconds(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 1000) / 1000;
}
