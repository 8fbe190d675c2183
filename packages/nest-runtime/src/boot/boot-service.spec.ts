import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CANARY, startService } from './service.fixture.ts';
import type { TestService } from './service.fixture.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ secrets: [CANARY] });
});
afterAll(() => service.close());

describe('bootService', () => {
  it('prints one line when it listens', () => {
    const listening = service.lines().filter(({ msg }) => msg === 'Listening');
    expect(listening).toEqual([expect.objectContaining({ name: 'things', level: 'info', url: service.url })]);
  });

  it('gives a request an id, or takes a sane one', async () => {
    const ids = await Promise.all(
      [undefined, 'trace-1', 'a b', 'x'.repeat(200)].map(async (id) => {
        const response = await fetch(
          `${service.url}/v1/things`,
          id === undefined ? {} : { headers: { 'x-request-id': id } },
        );
        return response.headers.get('x-request-id');
      }),
    );
    expect(ids[1]).toBe('trace-1');
    for (const id of [ids[0], ids[2], ids[3]]) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keeps connections open for longer than a long poll', () => {
    expect(service.app.getHttpServer().keepAliveTimeout).toBeGreaterThan(35_000);
  });

  it('gives up on a request that arrives too slowly', () => {
    const { headersTimeout, requestTimeout } = service.app.getHttpServer();
    expect(requestTimeout).toBe(30_000);
    expect(headersTimeout).toBeLessThan(requestTimeout);
  });

  it('sends security headers', async () => {
    const { headers } = await fetch(`${service.url}/v1/things`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
  });

  it('measures requests by route template', async () => {
    await fetch(`${service.url}/v1/things/fails/${CANARY}`);
    await fetch(`${service.url}/nowhere/${CANARY}`);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toMatch(
      /http_request_duration_seconds_count\{service="things",method="GET",route="\/v1\/things\/fails\/:how",status="500"\} 1/,
    );
    expect(metrics).toContain('route="unmatched",status="404"');
    expect(metrics).toContain('process_cpu_seconds_total');
    expect(metrics).not.toContain(CANARY);
  });

  it('lets no request of a connection that closed wait for ever, not even behind another', async () => {
    const { port, hostname } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    const one = (id: string): string => `GET /v1/things/slow HTTP/1.1\r\nhost: x\r\nx-request-id: ${id}\r\n\r\n`;
    const inFlight = async (): Promise<string | undefined> =>
      /^http_requests_in_flight\{.*\} (\d+)$/m.exec(await (await fetch(`${service.url}/metrics`)).text())?.[1];
    socket.write(one('first') + one('second') + one('third'));
    while ((await inFlight()) !== '4');
    socket.destroy();
    const left = (): Set<unknown> =>
      new Set(service.lines().flatMap(({ status, requestId }) => (status === 499 ? [requestId] : [])));
    while (left().size === 0) await inFlight();
    expect(left()).toEqual(new Set(['first', 'second', 'third']));
    expect(await inFlight()).toBe('1');
  });

  it('logs each request once, without anything a caller chose', async () => {
    await fetch(`${service.url}/v1/things?note=${CANARY}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${CANARY}`,
        cookie: CANARY,
        'content-type': 'application/json',
        'x-request-id': 'one',
      },
      body: JSON.stringify({ name: CANARY }),
    });
    const lines = service.lines().filter(({ requestId }) => requestId === 'one');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        name: 'things',
        requestId: 'one',
        method: 'POST',
        route: '/v1/things',
        status: 201,
        durationMs: expect.any(Number),
        msg: 'Request',
      },
    ]);
    expect(service.text()).not.toContain(CANARY);
  });

  it('cuts known secrets and credentials out of whatever is logged', async () => {
    await fetch(`${service.url}/v1/things/fails/bug`);
    expect(service.text()).toContain('[redacted]');
    expect(service.text()).not.toContain(CANARY);
  });

  it('documents itself without loading anything from elsewhere', async () => {
    const page = await (await fetch(`${service.url}/docs`)).text();
    expect(page).toContain('<title>Things &lt;&amp;></title>');
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '');
    expect(links).toHaveLength(4);
    for (const link of links) {
      const asset = await fetch(service.url + link);
      expect([link, asset.status]).toEqual([link, 200]);
      await asset.arrayBuffer();
    }
    const document = (await (await fetch(`${service.url}/docs/openapi.json`)).json()) as {
      paths: Record<string, { post?: { requestBody?: unknown } }>;
      components: { schemas: object; securitySchemes: object };
    };
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/v1/things', '/health/ready']));
    expect(JSON.stringify(document.paths['/v1/things']?.post?.requestBody)).toContain('"oar"');
    expect(document.components.schemas).toHaveProperty('ProblemDetails');
    expect(document.components.securitySchemes).toHaveProperty('bearer');
  });
});
