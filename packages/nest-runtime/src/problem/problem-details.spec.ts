import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { CANARY, startService } from '../boot/service.fixture.ts';
import type { TestService } from '../boot/service.fixture.ts';
import { ProblemRegistry, problemBody } from './problem-registry.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ bodyLimitBytes: 1000 });
});
afterAll(() => service.close());

async function ask(path: string, init?: RequestInit): Promise<{ response: Response; body: Record<string, unknown> }> {
  const response = await fetch(service.url + path, init);
  return { response, body: (await response.json()) as Record<string, unknown> };
}

const json = (body: string): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json' },
});

describe('problem details', () => {
  it('carries all members', async () => {
    const { response, body } = await ask('/v1/things/fails/edge?secret=1', { headers: { 'x-request-id': 'my-id-1' } });
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-request-id')).toBe('my-id-1');
    expect(response.headers.get('x-depth')).toBe('7');
    expect(body).toEqual({
      type: 'urn:mooring:problem:sunk',
      title: 'It sank',
      status: 422,
      code: 'sunk',
      detail: 'The boat sank.',
      instance: '/v1/things/fails/edge',
      requestId: 'my-id-1',
    });
  });

  it.each([
    ['malformed JSON', json('{"name":'), 400, 'malformed_json'],
    ['a prototype in JSON', json('{"__proto__": {"a": 1}}'), 400, 'malformed_json'],
    ['a member that is there twice', json('{"name":"oar","name":"sail"}'), 400, 'malformed_json'],
    ['no JSON at all', json(''), 400, 'malformed_json'],
    ['too large a body', json(JSON.stringify({ name: 'x'.repeat(2000) })), 413, 'body_too_large'],
    [
      'another media type',
      { method: 'POST', body: '<a/>', headers: { 'content-type': 'text/xml' } },
      415,
      'unsupported_media_type',
    ],
    [
      'a form',
      { method: 'POST', body: 'name=oar', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
    [
      'plain text',
      { method: 'POST', body: '{"name":"oar"}', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
    ],
    [
      'bytes that are no UTF-8',
      { ...json(''), body: Buffer.from('7b226e616d65223a226fff72227d', 'hex') },
      400,
      'malformed_json',
    ],
    ['a wrong method', { method: 'DELETE' }, 405, 'method_not_allowed'],
  ])('answers %s', async (_, init, status, code) => {
    const { response, body } = await ask('/v1/things', init);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({ status, code, requestId: response.headers.get('x-request-id') });
    expect(response.status).toBe(status);
  });

  it('takes a JSON content type without a body where none is due', async () => {
    const { body } = await ask('/v1/things/1', { method: 'DELETE', headers: { 'content-type': 'application/json' } });
    expect(body).toEqual({ deleted: '1' });
  });

  it('says which methods a path has', async () => {
    const { response } = await ask('/v1/things/fails/any', { method: 'PUT', body: '{}' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it.each(['/nothing', '/v1/things/1/2/3', '/v1/things/fails/', '/%zz', `/v1/things/fails/${'x'.repeat(300)}`])(
    'answers the path %s',
    async (path) => {
      const { response, body } = await ask(path);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(body['code']).toMatch(/^(route_not_found|malformed_request|uri_too_long)$/);
      expect(body['requestId']).toBe(response.headers.get('x-request-id'));
    },
  );

  it('lists each fault of a body with its pointer', async () => {
    const { response, body } = await ask('/v1/things', json('{"name": 5, "a/b": "x"}'));
    expect(response.status).toBe(400);
    expect(body).toMatchObject({ code: 'validation_failed', detail: 'The request has 2 faults; see errors.' });
    expect(body['errors']).toEqual([
      { pointer: '#/name', detail: 'must be text' },
      { pointer: '#/a~1b', detail: expect.any(String) },
    ]);
  });

  it('points into the member of a union that was meant', async () => {
    const faults = async (crew: string): Promise<unknown> =>
      (await ask('/v1/things', json(`{"name": "oar", "crew": ${crew}}`))).body['errors'];
    expect(await faults('{"ann": "x"}')).toEqual([{ pointer: '#/crew/ann', detail: 'must be an age' }]);
    expect(await faults('["ann", 5]')).toEqual([{ pointer: '#/crew/1', detail: 'must be a name' }]);
    expect(await faults('5')).toEqual([{ pointer: '#/crew', detail: expect.any(String) }]);
  });

  it('stays small, however many faults there are', () => {
    const errors = Array.from({ length: 1000 }, () => ({ pointer: `#/${'x'.repeat(5000)}`, detail: 'must be text' }));
    const registry = new ProblemRegistry();
    const problem = registry.problem('validation_failed', { detail: 'y'.repeat(1_000_000), errors });
    expect(JSON.stringify(problemBody(problem, '/', 'id')).length).toBeLessThan(50_000);
    const [fault] = problemBody(problem, '/', 'id').errors ?? [];
    expect(fault).toEqual({ pointer: `#/${'x'.repeat(510)}…`, detail: 'must be text' });
  });

  it('does not call a client that went away in the middle of its body a failure', async () => {
    const socket = connect(service.port, '127.0.0.1');
    const head = 'POST /v1/things HTTP/1.1\r\nhost: x\r\nx-request-id: gone\r\ncontent-type: application/json\r\n';
    socket.write(`${head}content-length: 100\r\n\r\n{"na`, () => setImmediate(() => socket.destroy()));
    const lines = (): Record<string, unknown>[] => service.lines().filter(({ requestId }) => requestId === 'gone');
    while (lines().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(lines()).toEqual([expect.objectContaining({ level: 'info', status: 499, msg: 'Request' })]);
  });

  it('names a query parameter that is wrong', async () => {
    const { body } = await ask('/v1/things?limit=70');
    expect(body['errors']).toEqual([{ parameter: 'limit', detail: expect.any(String) }]);
  });

  it('maps the code of an error and says when to come back', async () => {
    const { response, body } = await ask('/v1/things/fails/mapped');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '3']);
    expect(body).toMatchObject({ code: 'store_down', detail: 'The store is away.' });
  });

  it('lets an error speak only where it may', async () => {
    const { body } = await ask('/v1/things/fails/public');
    expect(body['detail']).toBe(`select ${CANARY} failed`);
  });

  it.each(['unmapped', 'undefined', 'bug'])('tells nothing of an error that is %s', async (how) => {
    const { response, body } = await ask(`/v1/things/fails/${how}`);
    expect(response.status).toBe(500);
    expect(body).toMatchObject({ code: 'internal_error', title: 'Something went wrong on our side' });
    expect(JSON.stringify(body)).not.toMatch(/canary|at .*\.ts|deep/);
    const logged = service.lines().find((line) => line['requestId'] === body['requestId'] && line['level'] === 'error');
    expect(logged).toMatchObject({ msg: 'Request failed unexpectedly', code: 'internal_error' });
    expect(logged?.['error']).not.toHaveProperty('query');
  });

  it('answers what is no HTTP', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      let received = '';
      const socket = connect(service.port, '127.0.0.1', () => socket.write('HELLO\r\n\r\n'));
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code: 'malformed_request' });
  });

  it('answers headers that are too large', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest(`${service.url}/v1/things`, { headers: { 'x-big': 'x'.repeat(20_000) } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(431);
  });
});
