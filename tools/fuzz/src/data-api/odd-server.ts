import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { HonestWarehouse, Refusal } from './honest-warehouse.ts';
import type { OddAnswer } from './odd-answers.ts';

const TRICKLE_MS = 20;

/** The service behind one path of the server, for one client. */
interface Place {
  readonly warehouse: HonestWarehouse;
  readonly calls: Map<string, number>;
  answers: readonly OddAnswer[];
}

function writeHead(socket: Socket, { status, headers }: OddAnswer, length: number): void {
  // A header can't hold all characters.
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value.replaceAll(/[^\x20-\x7e]/g, '?')}`);
  socket.write(
    [`HTTP/1.1 ${status} X`, `content-length: ${length}`, 'connection: close', ...lines, '', ''].join('\r\n'),
  );
}

function writeOdd(socket: Socket, answer: OddAnswer, body: Buffer): void {
  switch (answer.framing) {
    case 'silent':
      return;
    case 'reset':
      socket.destroy();
      return;
    case 'endless': {
      writeHead(socket, answer, 1_000_000_000);
      const timer = setInterval(() => socket.write(' '), TRICKLE_MS);
      socket.once('close', () => clearInterval(timer));
      return;
    }
    case 'short':
      writeHead(socket, answer, body.length + 20);
      socket.write(body);
      return;
    case 'cut':
      writeHead(socket, answer, body.length + 20);
      socket.end(body);
      return;
    case 'long':
      writeHead(socket, answer, Math.max(0, body.length - 3));
      socket.end(body);
      return;
    default:
      writeHead(socket, answer, body.length);
      socket.end(body);
  }
}

/** A Data API over HTTP which answers honestly but where it is told to answer otherwise. */
export class OddServer {
  private readonly places = new Map<string, Place>();
  private readonly server = createServer((request, response) => void this.serve(request, response));
  private count = 0;

  async listen(): Promise<void> {
    this.server.on('connection', (socket: Socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  /** A new place. What it answers is odd until it is honest. */
  open(answers: readonly OddAnswer[]): {
    readonly url: string;
    readonly beHonest: () => void;
    readonly leave: () => void;
  } {
    this.count += 1;
    const path = `/${this.count}`;
    const place: Place = { warehouse: new HonestWarehouse(), calls: new Map(), answers };
    this.places.set(path, place);
    const { port } = this.server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}${path}`,
      beHonest: () => (place.answers = []),
      leave: () => this.places.delete(path),
    };
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const place = this.places.get(`/${(request.url ?? '').split('/')[1]}`);
    if (place === undefined) return void request.socket.destroy();
    const operation = String(request.headers['x-amz-target']).replace('RedshiftData.', '');
    const call = place.calls.get(operation) ?? 0;
    place.calls.set(operation, call + 1);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return;
    }
    const odd = place.answers.find(
      (one) => one.operation === operation && call >= one.from && call < one.from + one.times,
    );
    if (odd !== undefined) {
      return writeOdd(request.socket, odd, Buffer.from(odd.body.replaceAll('COUNT', String(call))));
    }
    const [status, body] = honestly(place.warehouse, operation, Buffer.concat(chunks).toString('utf8'));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  }
}

function honestly(warehouse: HonestWarehouse, operation: string, body: string): readonly [number, object] {
  try {
    return [200, warehouse.answer(operation, JSON.parse(body) as Record<string, unknown>)];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [400, { __type: error.type, Message: error.message }];
  }
}
