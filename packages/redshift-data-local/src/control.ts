import type { IncomingMessage, ServerResponse } from 'node:http';
import { LocalError } from './errors.ts';
import type { Faults, FaultSettings } from './faults.ts';

export interface ControlParts {
  readonly faults: Faults;
  stats(): object;
  loseSession(id: string): boolean;
}

/**
 * `POST /_local/faults`, `GET /_local/stats` and `DELETE /_local/sessions/{id}`: what a test in another process needs to
 * break things. Answers whether the request was for it.
 */
export async function serveControl(
  parts: ControlParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { method, url = '' } = request;
  if (!url.startsWith('/_local/')) return false;
  const session = /^\/_local\/sessions\/([a-z0-9-]+)$/.exec(url)?.[1];
  if (method === 'GET' && url === '/_local/stats') reply(response, 200, parts.stats());
  else if (method === 'POST' && url === '/_local/faults') await changeFaults(parts.faults, request, response);
  else if (method === 'DELETE' && session !== undefined) {
    const lost = parts.loseSession(session);
    reply(response, lost ? 200 : 404, lost ? { lost: session } : { error: 'There is no such open session.' });
  } else
    reply(response, 404, { error: 'Served: POST /_local/faults, GET /_local/stats, DELETE /_local/sessions/{id}.' });
  return true;
}

async function changeFaults(faults: Faults, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    faults.set(JSON.parse(Buffer.concat(chunks).toString('utf8')) as FaultSettings);
    reply(response, 200, { ok: true });
  } catch (error) {
    const message = error instanceof LocalError ? error.message : 'The body is no JSON object.';
    reply(response, 400, { error: message });
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
