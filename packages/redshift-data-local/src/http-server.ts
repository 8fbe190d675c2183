import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, LocalError } from './errors.ts';
import type { Faults } from './faults.ts';
import { Input } from './input.ts';
import type { Json } from './input.ts';
import { OPERATION_NAMES, isOperationName } from './operation-names.ts';
import type { OperationName } from './operation-names.ts';
import type { Operations } from './operations/operations.ts';
import type { RedshiftDataLocalOptions } from './options.ts';
import { principalOf } from './principal.ts';

/** Above the 30 s of a long poll. */
const KEEP_ALIVE_MS = 40_000;
const LARGEST_BODY_BYTES = 20 * 1024 * 1024;
const DISGUISED_THROTTLE =
  'Service returned error code ThrottlingException (Service: RedshiftServerless, Status Code: 400)';

/** Errors of what AWS has in front of its services: they write `message`, where this service writes `Message`. */
const FRONT_END_ERRORS: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
  'UnrecognizedClientException',
  'UnknownOperationException',
  'SerializationException',
]);

/** AWS JSON 1.1 over HTTP: one path, the operation in a header, errors by name. */
export class DataApiServer {
  readonly calls = Object.fromEntries(OPERATION_NAMES.map((name) => [name, 0])) as Record<OperationName, number>;
  private readonly server: Server;

  constructor(
    private readonly operations: Operations,
    private readonly faults: Faults,
    private readonly options: RedshiftDataLocalOptions,
    private readonly now: () => number,
    private readonly control: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>,
  ) {
    this.server = createServer((request, response) => void this.handle(request, response));
    this.server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.server.headersTimeout = KEEP_ALIVE_MS + 1_000;
  }

  async listen(): Promise<number> {
    const { host = '127.0.0.1', port = 0 } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          new LocalError(
            error.code === 'EADDRINUSE' ? 'port_in_use' : 'invalid_option',
            `Can not listen on ${host}:${port}: ${error.message}. Choose another port.`,
            error,
          ),
        ),
      );
      this.server.listen(port, host, resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (request.url === '/health') return send(response, 200, '{"status":"ok"}');
      if (await this.control(request, response)) return;
      const answer = await this.answer(request, response);
      if (answer !== undefined) send(response, 200, answer);
    } catch (error) {
      this.refuse(response, error);
    }
  }

  /** The answer as JSON text; undefined when it shall get lost. */
  private async answer(request: IncomingMessage, response: ServerResponse): Promise<string | undefined> {
    const path = request.url?.split('?')[0];
    if (request.method !== 'POST' || path !== '/') {
      throw new ApiError('UnknownOperationException', 'Only POST / is served.', 404);
    }
    const operation = operationOf(request);
    const principal = principalOf(request.headers, this.options);
    const members = parse(await bodyOf(request));
    this.calls[operation] += 1;
    if (this.faults.throttles(principal.account, operation, this.now())) {
      throw this.faults.disguiseThrottles
        ? new ApiError('ValidationException', DISGUISED_THROTTLE)
        : new ApiError('ThrottlingException', 'Rate exceeded');
    }
    if (this.faults.takeFailure(operation)) throw serverError(operation);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const answer = await this.operations[operation]({ input: new Input(members), principal, gone: gone.signal });
    if (this.faults.takeDrop(operation)) {
      request.socket.destroy();
      return undefined;
    }
    return typeof answer === 'string' ? answer : JSON.stringify(answer);
  }

  private refuse(response: ServerResponse, error: unknown): void {
    if (!(error instanceof ApiError)) this.options.onInternalError?.(error);
    const refusal =
      error instanceof ApiError
        ? error
        : new ApiError('InternalServerException', 'Internal error of the emulator.', 500);
    const status = refusal.type === 'ResourceNotFoundException' ? (this.options.notFoundStatus ?? 400) : refusal.status;
    const message = FRONT_END_ERRORS.has(refusal.type) ? { message: refusal.message } : { Message: refusal.message };
    const body = JSON.stringify({ __type: refusal.type, ...message, ...refusal.members });
    send(response, status, body, { 'x-amzn-ErrorType': refusal.type });
  }
}

/** What fails around a statement, as opposed to in it. */
function serverError(operation: OperationName): ApiError {
  const submits = operation === 'ExecuteStatement' || operation === 'BatchExecuteStatement';
  return submits
    ? new ApiError(`${operation}Exception`, 'The statement could not be run.', 500, { StatementId: randomUUID() })
    : new ApiError('InternalServerException', 'Internal failure.', 500);
}

function operationOf(request: IncomingMessage): OperationName {
  const target = String(request.headers['x-amz-target'] ?? '');
  const name = target.startsWith('RedshiftData.') ? target.slice('RedshiftData.'.length) : '';
  if (!isOperationName(name))
    throw new ApiError('UnknownOperationException', `There is no operation "${target.slice(0, 100)}".`);
  return name;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      // Read to its end all the same: a client that still sends would not see the refusal.
      if (bytes <= LARGEST_BODY_BYTES) chunks.push(chunk);
    }
  } catch {
    throw new ApiError('SerializationException', 'The connection ended before the body did.');
  }
  if (bytes > LARGEST_BODY_BYTES)
    throw new ApiError('RequestEntityTooLargeException', 'The request is too large.', 413);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(body: string): Json {
  try {
    const parsed: unknown = JSON.parse(body === '' ? '{}' : body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Json;
  } catch {
    // Refused below, as anything else that is no object.
  }
  throw new ApiError('SerializationException', 'The body is no JSON object.');
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(body),
    'x-amzn-RequestId': randomUUID(),
    ...headers,
  });
  response.end(body);
}
