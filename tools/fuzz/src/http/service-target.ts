import assert from 'node:assert/strict';
import { request } from 'node:http';
import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import type { ServiceProcess } from '@mooring/services';
import type { OpenTarget } from '../target.ts';
import { routesOf } from './document.ts';
import type { ApiDocument, Operation } from './document.ts';
import { requests } from './requests.ts';
import type { HttpInput } from './requests.ts';

export interface FuzzedService {
  readonly process: ServiceProcess;
  /** A token that is good now. */
  token(): Promise<string>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** What the server answers before a route is found, or whatever the route. */
const OF_ALL_ROUTES = new Set([400, 401, 404, 405, 413, 414, 415, 431]);
/** Of a service whose store gives no answer in time, which a busy machine is enough for. */
const NOT_READY = 'get /health/ready';
const LONGEST_ANSWER_MS = 120_000;

function send(url: string, { method, path, headers, body }: HttpInput): Promise<Answer> {
  const target = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: target.hostname,
        port: target.port,
        method,
        path: path.replaceAll(/[^\x21-\xff]/g, '%3F'),
        headers: {
          ...(body === null ? {} : { 'content-length': Buffer.byteLength(body) }),
          ...Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [name, value.replaceAll(/[^\x20-\x7e\x80-\xff]/g, '?')]),
          ),
        },
        agent: false,
        timeout: LONGEST_ANSWER_MS,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: (response.headers['content-type'] ?? '').split(';')[0] ?? '',
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    asked.once('timeout', () => asked.destroy(new Error(`no answer within ${LONGEST_ANSWER_MS} ms: it hangs`)));
    asked.once('error', reject);
    if (body !== null) asked.write(body);
    asked.end();
  });
}

/** Validates answers by the schemas of a document. */
class Schemas {
  private readonly ajv = new Ajv({ strict: false, validateFormats: false });
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(document: ApiDocument) {
    this.ajv.addSchema({ ...document, $id: 'api' });
  }

  requireValid(pointer: string, what: string, value: unknown): void {
    const validate = this.compiled.get(pointer) ?? this.ajv.compile({ $ref: `api#${pointer}` });
    this.compiled.set(pointer, validate);
    const [error] = validate(value) ? [] : (validate.errors ?? []);
    assert.equal(error, undefined, `${what}: ${error?.instancePath} ${error?.message}`);
  }
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function requireDeclared(schemas: Schemas, input: HttpInput, operation: Operation | undefined, answer: Answer): void {
  const { status, type, text } = answer;
  const declared = operation?.responses[String(status)];
  const isNotReady = status === 503 && input.route === NOT_READY;
  assert.ok(status < 500 || status === 501 || isNotReady, `${input.route} answered ${status}: ${text.slice(0, 200)}`);
  assert.ok(
    declared !== undefined || OF_ALL_ROUTES.has(status),
    `${input.route} answered ${status}, which it does not declare`,
  );
  if (status >= 400 && !isNotReady) {
    assert.equal(type, 'application/problem+json', `${input.route} answered ${status} as ${type}`);
    return schemas.requireValid('/components/schemas/ProblemDetails', `a problem of ${input.route}`, JSON.parse(text));
  }
  const schema = declared?.content?.['application/json']?.schema;
  if (type !== 'application/json' || schema === undefined) return;
  const [method = '', template = ''] = input.route.split(' ');
  const pointer = `/paths/${escaped(template)}/${method}/responses/${status}/content/application~1json/schema`;
  schemas.requireValid(pointer, `${status} of ${input.route}`, JSON.parse(text));
}

/** Requests of all routes that a service describes. Each answer has a status and a shape that the description has. */
export async function serviceTarget(service: FuzzedService, words: readonly string[]): Promise<OpenTarget> {
  const { url } = service.process;
  const document = (await (await fetch(`${url}/docs/openapi.json`)).json()) as ApiDocument;
  const routes = routesOf(document);
  const schemas = new Schemas(document);
  let token = await service.token();
  let ended = false;
  void service.process.exited.then(() => (ended = true));
  return {
    inputs: (mutations) => requests(document, routes, words, mutations),
    async check(text) {
      const input = JSON.parse(text) as HttpInput;
      const headers = Object.entries(input.headers).map(([name, value]) => [name, value.replace('TOKEN', token)]);
      const answer = await send(url, { ...input, headers: Object.fromEntries(headers) as Record<string, string> });
      assert.ok(!ended, `the service has ended:\n${service.process.output().slice(-1000)}`);
      const [method = '', template = ''] = input.route.split(' ');
      requireDeclared(schemas, input, document.paths[template]?.[method], answer);
      assert.ok(!answer.text.includes(token), 'an answer shows the token of its request');
      if (answer.status === 401 || answer.status === 204) token = await service.token();
    },
    close: () => service.close(),
  };
}
