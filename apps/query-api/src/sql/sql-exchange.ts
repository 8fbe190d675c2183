import { Cancellation } from '@mooring/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Of one HTTP exchange, what a statement needs to know. */
export interface SqlExchange {
  readonly requestId: string;
  readonly clientAddress: string;
  /** Aborts when the client goes away, and when something else ends the request. */
  readonly cancellation: Cancellation;
}

export function sqlExchange(request: FastifyRequest, reply: FastifyReply): SqlExchange {
  const cancellation = new Cancellation();
  const gone = (): void => {
    if (!reply.raw.writableFinished) cancellation.abort(new Error('the client went away'));
  };
  // It may have gone while its token was looked at.
  if (reply.raw.destroyed) gone();
  else reply.raw.once('close', gone);
  return { requestId: request.id, clientAddress: request.ip, cancellation };
}
