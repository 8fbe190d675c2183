import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Fault {
  /** Of which operation, such as `UpdateItem`; of any when left out. */
  readonly of?: string;
  /** How many requests in a row. Default 1. */
  readonly times?: number;
  /** What happens before it goes on. */
  readonly first?: () => Promise<unknown>;
  /**
   * `refuse`: answered with the exception instead. `answer`: answered with this instead. `lose`: done, and the connection is
   * cut before the answer.
   */
  readonly how?:
    | { readonly refuse: string; readonly message?: string; readonly status?: number }
    | { readonly answer: object }
    | { readonly lose: true };
}

/** A local DynamoDB that fails on request: requests go on to a real one, except those that a fault is for. */
export class FaultyEndpoint {
  private readonly faults: { fault: Fault; left: number }[] = [];
  /** The operations that arrived, in order. */
  readonly arrived: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly target: string,
  ) {
    server.on('request', (incoming: IncomingMessage, answer: ServerResponse) => void this.serve(incoming, answer));
  }

  static async start(target: string): Promise<FaultyEndpoint> {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return new FaultyEndpoint(server, target);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  next(fault: Fault): void {
    this.faults.push({ fault, left: fault.times ?? 1 });
  }

  /** No faults any more. */
  forget(): void {
    this.faults.splice(0);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => void this.server.close(resolve));
  }

  private async serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    this.arrived.push(operation);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const due = this.faults.find(({ fault, left }) => left > 0 && (fault.of ?? operation) === operation);
    if (due !== undefined) due.left -= 1;
    await due?.fault.first?.();
    const how = due?.fault.how;
    if (how !== undefined && 'refuse' in how) {
      const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${how.refuse}`, message: how.message });
      answer.writeHead(how.status ?? 400, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
      return;
    }
    if (how !== undefined && 'answer' in how) {
      answer.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(how.answer));
      return;
    }
    const { status, body } = await this.forward(incoming, Buffer.concat(chunks));
    if (how === undefined) answer.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
    else answer.destroy();
  }

  private forward(incoming: IncomingMessage, body: Buffer): Promise<{ status: number; body: Buffer }> {
    const { host: _, ...headers } = incoming.headers;
    return new Promise((resolve, reject) => {
      const outgoing = request(this.target, { method: incoming.method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => void chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 500, body: Buffer.concat(chunks) }));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}
