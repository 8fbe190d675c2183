import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What of an inbound `x-request-id` is taken over: nothing that could break a log line or a header. */
const SANE = /^[A-Za-z0-9._:-]{1,128}$/;

export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SANE.test(given) ? given : randomUUID();
}
