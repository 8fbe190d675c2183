import { connect } from 'node:net';
import type { WireRequest } from './server-requests.ts';

export interface WireAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** What a connection that hangs is ended after. */
const LONGEST_MS = 120_000;
const CHUNK_BYTES = 7;

function head({ method, path, headers, target, framing }: WireRequest, bodyBytes: number): string {
  const bodyHeaders: Record<string, string> =
    framing === 'chunks'
      ? { 'transfer-encoding': 'chunked' }
      : { 'content-length': String(bodyBytes + (framing === 'short' || framing === 'cut' ? 20 : 0)) };
  const all = { ...headers, host: '127.0.0.1', connection: 'close', 'x-amz-target': target, ...bodyHeaders };
  // A header can't hold all characters; what is odd about it is to reach the reader of it.
  const lines = Object.entries(all).map(
    ([name, value]) => `${name}: ${value.replaceAll(/[^\x20-\x7e\x80-\xff]/g, '?').trim()}`,
  );
  return [`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

function chunked(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += Math.max(CHUNK_BYTES, Math.ceil(body.length / 10))) {
    const piece = body.subarray(at, at + Math.max(CHUNK_BYTES, Math.ceil(body.length / 10)));
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}

function answerIn(bytes: Buffer): WireAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(first.split(' ')[1]), headers, body: bytes.toString('utf8', end + 4) };
}

/**
 * Sends a request as it is framed, on a connection of its own.
 * @returns the answer, undefined when the connection ended without one
 * @throws when the connection stays open for two minutes
 */
export function exchange(port: number, request: WireRequest): Promise<WireAnswer | undefined> {
  const { framing, times = 1 } = request;
  const body = Buffer.from(request.body.repeat(times), framing === 'latin1' ? 'latin1' : 'utf8');
  const sent =
    framing === 'chunks' ? chunked(body) : framing === 'long' ? Buffer.concat([body, Buffer.from('{}')]) : body;
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(LONGEST_MS, () => socket.destroy(new Error(`no answer within ${LONGEST_MS} ms: it hangs`)));
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (!['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) reject(error);
    });
    socket.once('close', () => resolve(answerIn(Buffer.concat(received))));
    socket.write(head(request, body.length));
    socket.write(sent, () => {
      if (framing === 'cut') socket.resetAndDestroy();
      if (framing === 'short') socket.end();
    });
  });
}
