import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startService } from './service.fixture.ts';
import type { TestService } from './service.fixture.ts';

const APP = 'https://app.example.com';

let open: TestService;
let closed: TestService;
beforeAll(async () => {
  [open, closed] = await Promise.all([startService({ crossOrigin: { origins: [APP] } }), startService()]);
});
afterAll(() => Promise.all([open.close(), closed.close()]));

const corsOf = ({ headers }: Response): string[] =>
  [...headers.keys()].filter((name) => name.startsWith('access-control-'));

const preflight = (service: TestService, origin: string): Promise<Response> =>
  fetch(`${service.url}/v1/things`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
  });

describe('pages of other origins', () => {
  it('may ask, with cookies, when theirs is allowed', async () => {
    const before = await preflight(open, APP);
    expect(before.status).toBe(204);
    expect(before.headers.get('access-control-allow-origin')).toBe(APP);
    expect(before.headers.get('access-control-allow-credentials')).toBe('true');
    const answer = await fetch(`${open.url}/v1/things/fails/bug`, { headers: { origin: APP } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(APP);
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  it.each(['https://evil.example.com', 'https://app.example.com.evil.com', 'http://app.example.com', 'null', '*'])(
    'may not when theirs is %s',
    async (origin) => {
      const before = await preflight(open, origin);
      expect([before.status >= 400, corsOf(before)]).toEqual([true, []]);
      expect(corsOf(await fetch(`${open.url}/v1/things`, { headers: { origin } }))).toEqual([]);
    },
  );

  it('may not when none is allowed', async () => {
    expect(corsOf(await preflight(closed, APP))).toEqual([]);
    expect(corsOf(await fetch(`${closed.url}/v1/things`, { headers: { origin: APP } }))).toEqual([]);
  });
});
