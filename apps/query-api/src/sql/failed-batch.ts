import type { BatchFailure } from '@mooring/engine';
import type { FastifyReply } from 'fastify';
import { problems } from '../problems.ts';
import { sqlFault } from './sql-fault.ts';

/** The problem of the statement that failed, and what those before it gave. @throws what no rule knows */
export function failedBatch(
  reply: FastifyReply,
  requestId: string,
  failure: BatchFailure,
  ran: Readonly<Record<'results' | 'rolledBack' | 'tookMs', unknown>>,
): Buffer {
  const error = sqlFault(failure.error, failure);
  const known = problems.find(error);
  if (known === undefined) throw error;
  const { type, title, status, code, detail, errors, headers, members } = known;
  void reply.code(status).headers(headers).header('content-type', 'application/problem+json');
  const body = { type, title, status, code, detail, instance: '/v1/sql', requestId };
  return Buffer.from(JSON.stringify({ ...members, ...ran, ...body, ...(errors.length === 0 ? {} : { errors }) }));
}
