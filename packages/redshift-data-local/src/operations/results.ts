import { notFound, validation } from '../errors.ts';
import type { QueryResult } from '../query-result.ts';
import type { ResultFormat } from '../statement.ts';
import { csvRow, fieldJson, fieldText } from '../wire-values.ts';
import { longPoll, waitSecondsOf } from './long-poll.ts';
import type { Call, Operation, OperationParts } from './operations.ts';
import { positionOf, tokenAt } from './paging.ts';

const CSV_CHUNK_BYTES = 1024 * 1024;
const CSV_PAGE_BYTES = 15 * 1024 * 1024;

/** GetStatementResult (JSON) and GetStatementResultV2 (CSV). */
export function resultOperations(
  parts: OperationParts,
): Record<'GetStatementResult' | 'GetStatementResultV2', Operation> {
  return {
    GetStatementResult: async (call) => jsonPage(await resultOf(parts, call, 'JSON'), positionOf(call.input), parts),
    GetStatementResultV2: async (call) => csvPage(await resultOf(parts, call, 'CSV'), positionOf(call.input)),
  };
}

async function resultOf(parts: OperationParts, call: Call, format: ResultFormat): Promise<QueryResult> {
  const waitSeconds = waitSecondsOf(call);
  const id = call.input.statementId();
  const { statement, part } = parts.statements.get(id, call.principal);
  await longPoll(statement, part, waitSeconds, parts, call.gone);
  if (part.status !== 'FINISHED' || part.result === undefined) {
    throw notFound('Query does not have result. Please check query status with DescribeStatement.', id);
  }
  if (statement.input.format !== format) {
    throw validation(
      `The result of the statement is in ${statement.input.format} format. Use ${format === 'JSON' ? 'GetStatementResultV2' : 'GetStatementResult'}.`,
    );
  }
  return part.result;
}

/** By hand, because JSON.stringify would round a BIGINT. */
function jsonPage(result: QueryResult, from: number, { limits }: OperationParts): string {
  const records: string[] = [];
  let bytes = 0;
  let next = from;
  while (next < result.rows.length && records.length < limits.resultPageRows) {
    const row = result.rows[next] ?? [];
    const record = `[${row.map((value, column) => fieldJson(value, result.typeIds[column] ?? 0)).join(',')}]`;
    bytes += record.length;
    if (records.length > 0 && bytes > limits.resultPageBytes) break;
    records.push(record);
    next += 1;
  }
  const token = next < result.rows.length ? `,"NextToken":${JSON.stringify(tokenAt(next))}` : '';
  const head = `"ColumnMetadata":${JSON.stringify(result.columns)},"TotalNumRows":${result.rows.length}`;
  return `{${head},"Records":[${records.join(',')}]${token}}`;
}

/** The header is the first row of the first page. Chunks hold whole rows. */
function csvPage(result: QueryResult, from: number): object {
  const chunks: string[] = [];
  let chunk = from === 0 ? csvRow(result.columns.map(({ name }) => name)) : '';
  let chunkBytes = Buffer.byteLength(chunk);
  let bytes = chunkBytes;
  let next = from;
  while (next < result.rows.length) {
    const values = (result.rows[next] ?? []).map((value, column) =>
      value === null ? null : fieldText(value, result.typeIds[column] ?? 0),
    );
    const row = csvRow(values);
    const rowBytes = Buffer.byteLength(row);
    if (next > from && bytes + rowBytes > CSV_PAGE_BYTES) break;
    if (chunk.length > 0 && chunkBytes + rowBytes > CSV_CHUNK_BYTES) {
      chunks.push(chunk);
      chunk = '';
      chunkBytes = 0;
    }
    chunk += row;
    chunkBytes += rowBytes;
    bytes += rowBytes;
    next += 1;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return {
    ColumnMetadata: result.columns,
    TotalNumRows: result.rows.length,
    ResultFormat: 'csv',
    Records: chunks.map((CSVRecords) => ({ CSVRecords })),
    NextToken: next < result.rows.length ? tokenAt(next) : undefined,
  };
}
