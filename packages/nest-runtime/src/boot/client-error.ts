import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '../problem/http-problem.ts';
import { PROBLEM_MEDIA_TYPE } from '../problem/problem-details.ts';
import { ProblemRegistry, problemBody } from '../problem/problem-registry.ts';
import type { RuntimeProblem } from '../problem/runtime-problems.ts';

const PROBLEMS: Readonly<Record<string, RuntimeProblem>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Answers what was no HTTP request at all, before there is a request to answer. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = new ProblemRegistry().problem(PROBLEMS[error.code ?? ''] ?? 'malformed_request');
  const requestId = randomUUID();
  const body = JSON.stringify(problemBody(problem, '', requestId));
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n` +
      `content-type: ${PROBLEM_MEDIA_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${requestId}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Answers a target that the router can't read, before any hook and filter runs. */
export function refuseTarget(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error, new ProblemRegistry());
  void reply
    .code(problem.status)
    .headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    .type(PROBLEM_MEDIA_TYPE)
    .send(Buffer.from(JSON.stringify(problemBody(problem, '', request.id))));
}
