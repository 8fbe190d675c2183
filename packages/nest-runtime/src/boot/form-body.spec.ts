import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startService } from './service.fixture.ts';
import type { TestService } from './service.fixture.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ formRoutes: ['/v1/things'], bodyLimitBytes: 1000 });
});
afterAll(() => service.close());

const FORM = 'application/x-www-form-urlencoded';

async function send(body: string, type = FORM, method = 'POST', path = '/v1/things'): Promise<unknown> {
  const response = await fetch(service.url + path, { method, body, headers: { 'content-type': type } });
  return response.json();
}

describe('forms', () => {
  it('are taken where a route takes them, decoded, with or without a charset', async () => {
    expect(await send('name=l%C3%A9vrier+a%26b')).toEqual({ created: 'lévrier a&b' });
    expect(await send('name=oar', `${FORM}; charset=utf-8`)).toEqual({ created: 'oar' });
  });

  it('are validated as any other body', async () => {
    expect(await send('')).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '#/name' }] });
    expect(await send('__proto__=x&constructor=y')).toMatchObject({ code: 'validation_failed' });
  });

  it('with a field that is there twice, or too large, are refused', async () => {
    expect(await send('name=oar&name=sail')).toMatchObject({ status: 400, code: 'malformed_request' });
    expect(await send(`name=${'x'.repeat(1001)}`)).toMatchObject({ status: 413, code: 'body_too_large' });
  });

  it('are not understood by any other route', async () => {
    expect(await send('a=b', FORM, 'DELETE', '/v1/things/1')).toMatchObject({ code: 'unsupported_media_type' });
    expect(await send('name=oar', 'text/plain')).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });
});
