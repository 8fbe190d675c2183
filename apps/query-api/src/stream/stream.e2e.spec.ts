import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuthTokens, IssuedToken } from '@mooring/auth-tokens';
import type { ServiceProcess } from '@mooring/services';
import { closedGate } from '../gate.fixture.ts';
import { TOKENS, client, startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';
import { StreamClient } from './stream-client.fixture.ts';

let stack: Stack;
let tokens: AuthTokens;
let service: ServiceProcess;
const clients: StreamClient[] = [];
beforeAll(async () => {
  stack = await startStack();
  [service, tokens] = await Promise.all([
    stack.start({ MOORING_MESSAGE_RATE_LIMIT: '50', MOORING_BODY_LIMIT_BYTES: '100000' }),
    stack.tokens(),
  ]);
});
afterEach(() => clients.splice(0).forEach((one) => one.close()));
afterAll(() => stack.stop());

async function login(subjectId = 'ann'): Promise<IssuedToken> {
  const issued = await tokens.issue({ tenantId: stack.tenants.acme, subjectId, claims: { role: 'user' } });
  if (!issued.ok) throw new Error(issued.reason);
  return issued.value;
}

function connect(token?: string, to: Pick<ServiceProcess, 'url'> = service, path?: string): StreamClient {
  const made = new StreamClient(to, token, path);
  clients.push(made);
  return made;
}

describe('a statement over a WebSocket', () => {
  it('is told of as it goes, and its rows come page by page', async () => {
    const stream = connect((await login()).token);
    expect(await stream.of('ready')).toEqual({ type: 'ready', tenantId: stack.tenants.acme, userId: 'ann' });
    await stream.send({ type: 'run', ref: 'q1', sql: 'select n, n * 2 as twice from generate_series(1, 2500) n' });
    const end = await stream.of('end', 'q1');
    expect(end).toMatchObject({ rowsSent: 2500, query: { status: 'finished', resultRows: 2500 } });
    const pages = stream.messages.filter(({ type }) => type === 'rows');
    expect(pages.map((page) => (page['rows'] as unknown[]).length)).toEqual([1000, 1000, 500]);
    expect(pages.map((page) => 'columns' in page)).toEqual([true, false, false]);
    expect(pages.flatMap((page) => page['rows'] as unknown[]).at(-1)).toEqual([2500, 5000]);
    const { id } = end['query'] as { id: string };
    expect((await client(service, (await login()).token).get(id)).status).toBe(200);
  });

  it('can be one of several at once, stops at maxRows, and takes parameters', async () => {
    const stream = connect((await login()).token);
    const gate = await closedGate(stack.warehouseUrl);
    await stream.send({ type: 'run', ref: 'slow', sql: `select ${gate.passage}` });
    await stream.send({
      type: 'run',
      ref: 'quick',
      sql: 'select n from generate_series(1, :most::int) n',
      parameters: { most: 10 },
      maxRows: 3,
    });
    expect(await stream.of('end', 'quick')).toMatchObject({ rowsSent: 3 });
    expect(stream.messages.some((message) => message['ref'] === 'slow' && message.type === 'end')).toBe(false);
    await gate.open();
    await stream.of('end', 'slow');
  });

  it('is cancelled on demand, and by the end of its connection', async () => {
    const { token } = await login('carl');
    const stream = connect(token);
    await stream.send({ type: 'run', ref: 'a', sql: 'select pg_sleep(600)' });
    await stream.message((message) => (message['query'] as { status?: string } | undefined)?.status === 'running');
    await stream.send({ type: 'cancel', ref: 'a' });
    expect((await stream.of('problem', 'a'))['problem']).toMatchObject({ code: 'statement_cancelled' });
    await stream.send({ type: 'run', ref: 'b', sql: 'select pg_sleep(600)' });
    const running = await stream.message(
      (message) =>
        message['ref'] === 'b' && (message['query'] as { status?: string } | undefined)?.status === 'running',
    );
    stream.close();
    const { id } = running['query'] as { id: string };
    const state = await client(service, token).ended(id);
    expect(state.body).toMatchObject({ status: 'cancelled' });
  });

  it('that fails says why, and the connection goes on', async () => {
    const stream = connect((await login()).token);
    await stream.send({ type: 'run', ref: 'a', sql: 'select 1/0' });
    expect((await stream.of('problem', 'a'))['problem']).toMatchObject({ status: 422, code: 'statement_failed' });
    await stream.send({ type: 'run', ref: 'b', sql: 'select 1; select 2' });
    expect((await stream.of('problem', 'b'))['problem']).toMatchObject({
      code: 'invalid_statement',
      errors: [{ pointer: '#/sql' }],
    });
    await stream.send({ type: 'run', ref: 'a', sql: 'select 1' });
    await stream.of('end', 'a');
  });
});

describe('who may', () => {
  it('says so in its first message where it can set no header, as in browsers', async () => {
    const { token } = await login();
    const stream = connect();
    await stream.send({ type: 'authenticate', token });
    await stream.of('ready');
    await stream.send({ type: 'run', ref: 'a', sql: 'select 1' });
    await stream.of('end', 'a');
    await stream.send({ type: 'authenticate', token: (await login('bob')).token });
    expect(await stream.closed).toEqual({ code: 1008, reason: 'a connection belongs to one user' });
  });

  it('has a good token: of the configuration too, and in no URL', async () => {
    await connect(TOKENS.ann).of('ready');
    const { token } = await login();
    await expect(connect('junk').opened).rejects.toThrow('401');
    const refused = [connect(undefined, service, `/v1/stream?token=${token}`), connect()];
    await refused[0]?.send({ type: 'run', ref: 'a', sql: 'select 1' });
    await refused[1]?.send({ type: 'authenticate', token: `${token}x` });
    expect((await Promise.all(refused.map(({ closed }) => closed))).map(({ code }) => code)).toEqual([4401, 4401]);
  });

  it('is put out soon after the session was ended, with what was running', async () => {
    const { token, principal } = await login('dora');
    const stream = connect(token);
    await stream.send({ type: 'run', ref: 'a', sql: 'select pg_sleep(600)' });
    const state = await stream.message((message) => (message['query'] as { status?: string })?.status === 'running');
    await tokens.revokeAll({ tenantId: principal.tenantId, subjectId: 'dora' }, 'disabled');
    expect(await stream.closed).toEqual({ code: 4401, reason: 'the session ended' });
    const { id } = state['query'] as { id: string };
    const after = await client(service, (await login('dora')).token).ended(id);
    expect(after.body).toMatchObject({ status: 'cancelled' });
    const other = connect((await login('dora')).token);
    const message = other.of('ready');
    await message;
  });

  it('is put out with its next message when the session is not good any more', async () => {
    const { token } = await login();
    const stream = connect(token);
    await stream.of('ready');
    await tokens.revoke(token);
    await stream.send({ type: 'run', ref: 'a', sql: 'select 1' });
    expect(await stream.closed).toEqual({ code: 4401, reason: 'the session ended' });
    expect(stream.messages.map(({ type }) => type)).toEqual(['ready']);
  });
});

describe('too much', () => {
  it('of messages is refused over all connections and processes of a session', async () => {
    const limits = { MOORING_MESSAGE_RATE_LIMIT: '10', MOORING_MESSAGE_RATE_WINDOW_SECONDS: '3600' };
    const pods = await Promise.all([0, 1].map(() => stack.start(limits)));
    const { token } = await login('erik');
    const streams = pods.flatMap((pod) => [connect(token, pod), connect(token, pod)]);
    await Promise.all(streams.map((stream) => stream.of('ready')));
    const run = async (stream: StreamClient, ref: string) => {
      await stream.send({ type: 'run', ref, sql: 'select 1' });
      return stream.message((message) => message['ref'] === ref && /end|problem/.test(message.type));
    };
    const outcomes = await Promise.all(
      streams.flatMap((stream) => Array.from({ length: 6 }, (_, index) => run(stream, `q${index}`))),
    );
    const refused = outcomes.filter(({ type }) => type === 'problem');
    expect(refused).toHaveLength(14);
    expect(refused[0]?.['problem']).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: expect.any(Number) });
    await Promise.all(pods.map((pod) => pod.stop()));
  });

  it('of queries at once, of bytes, and of nonsense', async () => {
    const stream = connect((await login('fay')).token);
    for (let index = 0; index < 9; index += 1) {
      await stream.send({ type: 'run', ref: `q${index}`, sql: 'select pg_sleep(600)', session: 'none' });
    }
    expect((await stream.of('problem', 'q8'))['problem']).toMatchObject({ errors: [{ pointer: '#/ref' }] });
    const large = connect((await login('fay')).token);
    await large.send({ type: 'run', ref: 'a', sql: 'x'.repeat(100_001) });
    expect((await large.closed).code).toBe(1009);
    const nonsense = connect((await login('fay')).token);
    for (let index = 0; index < 20; index += 1) await nonsense.send(index % 2 === 0 ? '{"type"' : Buffer.from('{}'));
    expect((await nonsense.closed).code).toBe(1013);
  });
});

describe('bad messages', () => {
  it.each([
    ['no JSON', 'hello', 'malformed_json', undefined],
    ['no object', '[1]', 'validation_failed', '#'],
    ['no type', {}, 'validation_failed', '#/type'],
    ['another type', { type: 'drop' }, 'validation_failed', '#/type'],
    ['no ref', { type: 'run', sql: 'select 1' }, 'validation_failed', '#/ref'],
    ['no sql', { type: 'run', ref: 'a' }, 'validation_failed', '#/sql'],
    ['an unknown member', { type: 'run', ref: 'a', sql: 'select 1', limit: 1 }, 'validation_failed', '#'],
    ['a member of a prototype', '{"type":"cancel","ref":"a","__proto__":{"x":1}}', 'validation_failed', '#'],
  ])('%s', async (_, message, code, pointer) => {
    const stream = connect((await login('gil')).token);
    await stream.send(message);
    const { problem } = await stream.of('problem');
    expect(problem).toMatchObject({ code, ...(pointer === undefined ? {} : { errors: [{ pointer }] }) });
  });

  it('another path is not found', async () => {
    await expect(connect('x', service, '/v1/other').opened).rejects.toThrow('404');
  });
});

describe('a shutdown', () => {
  it('says that it goes away', async () => {
    const pod = await stack.start();
    const stream = connect((await login()).token, pod);
    await stream.of('ready');
    pod.signal('SIGTERM');
    expect((await stream.closed).code).toBe(1001);
    expect(await pod.exited).toBe(0);
  });
});

describe('the path of the WebSocket, asked without one', () => {
  it('says what it takes', async () => {
    const response = await fetch(`${service.url}/v1/stream`);
    expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
    expect(await response.json()).toMatchObject({ code: 'upgrade_required' });
  });
});

describe('a budget of rows', () => {
  it('counts what is streamed', async () => {
    const pod = await stack.start({ MOORING_BUDGET_ROWS_PER_DAY: '2500' });
    const stream = connect((await login('rita')).token, pod);
    await stream.send({ type: 'run', ref: 'all', sql: 'select n from generate_series(1, 5000) n' });
    expect((await stream.of('problem', 'all'))['problem']).toMatchObject({ code: 'budget_exceeded' });
    const pages = stream.messages.filter(({ type }) => type === 'rows');
    expect(pages.map((page) => (page['rows'] as unknown[]).length)).toEqual([1000, 1000]);
    await pod.stop();
  });
});
