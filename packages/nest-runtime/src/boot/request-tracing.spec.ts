import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Module, Post, Req } from '@nestjs/common';
import { recordSpans } from '@mooring/services';
import type { RecordedSpans } from '@mooring/services';
import { Logger, createLogger } from '../logging/logger.ts';
import { requestScope } from '../logging/request-scope.ts';
import { traced } from '../tracing/span.ts';
import { bootService } from './boot-service.ts';
import type { BootOptions, RunningService } from './boot-service.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

@Controller('v1/boats')
class BoatsController {
  constructor(@Inject(Logger) private readonly logger: Logger) {}

  @Post(':name')
  async launch(): Promise<object> {
    this.logger.info({ code: 'canary' }, 'before');
    await traced('launch', { kind: 'client', attributes: { 'boat.kind': 'sloop' } }, () => this.tide());
    return {};
  }

  @Get('sinks')
  async sink(): Promise<never> {
    return traced('sink', {}, () => Promise.reject(Object.assign(new Error('of canary'), { code: 'leaky' })));
  }

  @Get('drifts')
  async drift(@Req() incoming: object): Promise<object> {
    await this.tide();
    this.logger.info(requestScope(incoming), 'told');
    return {};
  }

  private async tide(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.logger.info({ signal: 'canary' }, 'at work');
  }
}

const written: string[] = [];
let service: RunningService;
beforeAll(async () => {
  service = await boot({});
});
afterAll(() => service.close());
beforeEach(() => {
  written.length = 0;
});

function boot(options: Pick<BootOptions, 'followRequests'>): Promise<RunningService> {
  class BoatsModule {}
  Module({ controllers: [BoatsController] })(BoatsModule);
  const logger = createLogger({ name: 'boats', destination: { write: (line) => void written.push(line) } });
  return bootService({ name: 'boats', module: BoatsModule, logger, port: 0, handleSignals: false, ...options });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The body comes later than the head: by then, what is under way is another event of the connection. */
async function launch(headers: Record<string, string> = {}): Promise<void> {
  const sent = request(`${service.url}/v1/boats/canary`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    sent.on('error', reject).on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode)));
  });
  sent.flushHeaders();
  while (!(await (await fetch(`${service.url}/metrics`)).text()).includes('in_flight{service="boats"} 2')) await turn();
  sent.end('{"of":"oak"}');
  expect(await answered).toBe(201);
  while (!written.join('').includes('"Request"')) await turn();
}

function lines(): Record<string, unknown>[] {
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('without a tracing SDK', () => {
  it('lines of a request have its id and that of its caller’s trace, also after its body was read', async () => {
    await launch({ 'x-request-id': 'one', traceparent: PARENT });
    const seen = lines().map(({ msg, requestId, traceId }) => [msg, requestId, traceId]);
    expect(seen).toEqual(['before', 'at work', 'Request'].map((msg) => [msg, 'one', TRACE]));
    // No line has what another one was given.
    expect(lines().map(({ code, signal }) => [code, signal])).toEqual([
      ['canary', undefined],
      [undefined, 'canary'],
      [undefined, undefined],
    ]);
  });

  it('where requests are not followed, lines have the ids that their writer gives them, and so has that of the request', async () => {
    const unfollowed = await boot({ followRequests: false });
    try {
      written.length = 0;
      const headers = { 'x-request-id': 'two', traceparent: PARENT };
      await (await fetch(`${unfollowed.url}/v1/boats/drifts`, { headers })).text();
      while (!written.join('').includes('"Request"')) await turn();
    } finally {
      await unfollowed.close();
    }
    expect(lines().map(({ msg, requestId, traceId }) => [msg, requestId, traceId])).toEqual([
      ['at work', undefined, undefined],
      ['told', 'two', TRACE],
      ['Request', 'two', TRACE],
    ]);
  });

  it.each(['', 'x', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `ff-${TRACE}-00f067aa0ba902b7-01`])(
    'a traceparent %j is none',
    async (traceparent) => {
      await launch({ traceparent });
      expect(lines().map((line) => 'traceId' in line)).toEqual([false, false, false]);
    },
  );
});

describe('with a tracing SDK', () => {
  let spans: RecordedSpans;
  beforeAll(async () => {
    spans = await recordSpans();
  });
  afterAll(() => spans.stop());
  afterEach(() => spans.reset());

  async function ended(name: string): Promise<void> {
    while (!spans.all().some((span) => span.name === name)) await turn();
  }

  it('a request is a span of its caller’s trace, and what it begins is part of it', async () => {
    await launch({ traceparent: PARENT });
    await ended('POST /v1/boats/:name');
    expect(spans.trees('POST /v1/boats/:name')).toEqual(['POST /v1/boats/:name\n  launch']);
    const [inner, outer] = spans.all();
    expect(outer?.spanContext().traceId).toBe(TRACE);
    expect(outer?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(outer?.attributes).toEqual({
      'http.request.method': 'POST',
      'url.scheme': 'http',
      'http.route': '/v1/boats/:name',
      'http.response.status_code': 201,
    });
    expect(inner?.attributes).toEqual({ 'boat.kind': 'sloop' });
    expect(lines().map(({ traceId }) => traceId)).toEqual([TRACE, TRACE, TRACE]);
  });

  it('a failure has a code and no words', async () => {
    await fetch(`${service.url}/v1/boats/sinks`);
    await ended('GET /v1/boats/sinks');
    const [inner, outer] = spans.all();
    expect(inner?.attributes).toEqual({ 'error.type': 'leaky' });
    expect(outer?.attributes).toMatchObject({ 'error.type': '500', 'http.response.status_code': 500 });
    const told = spans.all().map(({ status, events }) => ({ status, events }));
    expect(told).toEqual([
      { status: { code: 2 }, events: [] },
      { status: { code: 2 }, events: [] },
    ]);
  });

  it('probes and scrapes are no spans, and no route is a span without its path', async () => {
    await fetch(`${service.url}/health/live`);
    await fetch(`${service.url}/metrics`);
    await fetch(`${service.url}/nowhere/canary`);
    await ended('GET');
    expect(spans.all().map(({ name }) => name)).toEqual(['GET']);
    expect(JSON.stringify(spans.all().map(({ attributes }) => attributes))).not.toContain('canary');
  });
});
