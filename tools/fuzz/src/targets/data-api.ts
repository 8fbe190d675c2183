import assert from 'node:assert/strict';
import { startRedshiftDataLocal } from '@mooring/redshift-data-local';
import { startPostgres } from '@mooring/services';
import { readCorpus } from '../corpus.ts';
import { exchange } from '../data-api/exchange.ts';
import type { WireAnswer } from '../data-api/exchange.ts';
import { API_OPERATIONS, requireShape } from '../data-api/model.ts';
import type { ApiOperation } from '../data-api/model.ts';
import { serverRequests } from '../data-api/server-requests.ts';
import type { WireRequest } from '../data-api/server-requests.ts';
import type { OpenTarget, Target } from '../target.ts';

/** Refusals and the statuses that they come with. */
const REFUSALS: Readonly<Record<string, number>> = {
  ValidationException: 400,
  ResourceNotFoundException: 400,
  ActiveSessionsExceededException: 400,
  ActiveStatementsExceededException: 400,
  ActiveWaitingRequestsExceededException: 400,
  SerializationException: 400,
  RequestEntityTooLargeException: 413,
};
/** Those that connect while the caller waits say so when they can't; the service has a server error for it. */
const CONNECTING = new Set(['ListDatabases', 'ListSchemas', 'ListTables', 'DescribeTable']);
const PLAIN = new Set(['length', 'chunks', 'latin1']);
/** Node.js takes headers of 16 KiB. */
const MOST_HEADER_CHARACTERS = 8_000;

function requireRefusal(operation: ApiOperation | undefined, { method, path }: WireRequest, answer: WireAnswer): void {
  const { status, headers } = answer;
  const error = JSON.parse(answer.body) as Readonly<Record<string, unknown>>;
  const type = String(error['__type']);
  assert.equal(headers.get('x-amzn-errortype'), type, 'an error has two names');
  assert.equal(typeof (error['Message'] ?? error['message']), 'string', `${type} has no message`);
  if (type === 'UnknownOperationException') {
    const isServed = method === 'POST' && path.split('?')[0] === '/' && operation !== undefined;
    assert.ok(!isServed, `${operation?.name} is not known`);
    return;
  }
  const expected =
    type === 'DatabaseConnectionException' && CONNECTING.has(operation?.name ?? '') ? 500 : REFUSALS[type];
  assert.equal(
    status,
    expected,
    `${operation?.name} was refused with ${type}, status ${status}: ${answer.body.slice(0, 300)}`,
  );
}

function requireAnswer(request: WireRequest, answer: WireAnswer | undefined): void {
  const operation = API_OPERATIONS.find(({ name }) => request.target === `RedshiftData.${name}`);
  const length = Object.values(request.headers).reduce((sum, value) => sum + value.length, request.target.length);
  const isPlain = PLAIN.has(request.framing) && length < MOST_HEADER_CHARACTERS;
  if (answer === undefined) return assert.ok(!isPlain, 'a whole request has no answer');
  // Of the HTTP server itself, which does not know what is served.
  if (!isPlain && [400, 408, 413, 431].includes(answer.status) && answer.body === '') return;
  if (request.path === '/health') return assert.equal(answer.body, '{"status":"ok"}');
  assert.equal(answer.headers.get('content-type'), 'application/x-amz-json-1.1');
  assert.equal(Number(answer.headers.get('content-length')), Buffer.byteLength(answer.body), 'an answer is cut off');
  if (answer.status !== 200) return requireRefusal(operation, request, answer);
  assert.ok(operation !== undefined, `"${request.target}" was carried out`);
  requireShape(operation.output, JSON.parse(answer.body), operation.name);
}

/** Ids of the last statement, batch and session that there were. */
class Ids {
  private readonly ids = new Map([
    ['STATEMENT', ''],
    ['BATCH', ''],
    ['SESSION', ''],
  ]);

  into(body: string): string {
    return body.replaceAll(/\b(STATEMENT|BATCH|SESSION)\b/g, (name) => this.ids.get(name) ?? '');
  }

  learn(target: string, answer: WireAnswer | undefined): void {
    if (answer?.status !== 200 || !target.endsWith('ExecuteStatement')) return;
    const { Id, SessionId } = JSON.parse(answer.body) as Readonly<Record<string, string | undefined>>;
    if (Id !== undefined) this.ids.set(target === 'RedshiftData.BatchExecuteStatement' ? 'BATCH' : 'STATEMENT', Id);
    if (SessionId !== undefined) this.ids.set('SESSION', SessionId);
  }
}

async function open(): Promise<OpenTarget> {
  // A server of its own: statements may say anything, and users are made for the names that they come with.
  const postgres = await startPostgres({ settings: { statement_timeout: '2s' } });
  const defects: string[] = [];
  const local = await startRedshiftDataLocal({
    postgresUrl: postgres.url,
    limits: { retentionMs: 5_000, clientTokenRetentionMs: 5_000, maxResultBytes: 100_000 },
    principals: { ann: { role: 'reader', dbGroups: ['readers'] } },
    onInternalError: (error) => defects.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  const ids = new Ids();
  const send = async (request: WireRequest): Promise<void> => {
    const answer = await exchange(local.port, { ...request, body: ids.into(request.body) });
    assert.deepEqual(defects.splice(0), [], 'the server fails');
    requireAnswer(request, answer);
    ids.learn(request.target, answer);
  };
  return {
    inputs: serverRequests,
    async check(text) {
      const [first, ...sideBySide] = [JSON.parse(text) as WireRequest | readonly WireRequest[]].flat();
      if (first !== undefined) await send(first);
      await Promise.all(sideBySide.map(send));
      assert.ok(local.stats().maxConcurrentStatementsPerSession <= 1, 'two statements ran in one session at once');
    },
    async close() {
      await local.close();
      await postgres.stop();
    },
  };
}

export const dataApiTarget: Target = {
  name: 'data-api',
  summary: 'the Data API that redshift-data-local serves, over its wire protocol',
  corpus: readCorpus('data-api'),
  testRuns: 40,
  open,
};
