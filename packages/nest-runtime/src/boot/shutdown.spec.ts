import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { startService } from './service.fixture.ts';
import type { TestService } from './service.fixture.ts';
import { ServiceLifecycle } from './service-lifecycle.ts';

let service: TestService;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
afterEach(async () => {
  service.gate.open();
  await service.close();
});

class Closing {
  closedAt: number | undefined;
  constructor(private readonly clock: () => number) {}
  onApplicationShutdown(): void {
    this.closedAt = this.clock();
  }
}

describe('shutdown', () => {
  it('answers what is under way, takes nothing new, then closes what requests needed', async () => {
    let time = 0;
    const closing = new Closing(() => (time += 1));
    service = await startService({ providers: [{ provide: Closing, useValue: closing }] });
    const slow = fetch(`${service.url}/v1/things/slow`).then(async (response) => {
      const body: unknown = await response.json();
      return { at: (time += 1), status: response.status, connection: response.headers.get('connection'), body };
    });
    await service.gate.arrived;
    const closed = service.close();
    await expect(fetch(`${service.url}/v1/things`)).rejects.toThrow();
    expect(closing.closedAt).toBeUndefined();
    service.gate.open();
    expect(await slow).toMatchObject({ status: 200, connection: 'close', body: { draining: true } });
    expect(await closed).toEqual({ clean: true });
    expect(closing.closedAt).toBeDefined();
    expect(service.close()).toBe(service.close());
  });

  it('lets held work end, whether well or not, before it closes what the work needs', async () => {
    const said: string[] = [];
    const closing = { onApplicationShutdown: () => void said.push('closed') };
    service = await startService({ providers: [{ provide: Closing, useValue: closing }] });
    const lifecycle = service.app.get(ServiceLifecycle);
    lifecycle.holdFor(service.gate.opened.then(() => said.push('ended')));
    lifecycle.holdFor(service.gate.opened.then(() => Promise.reject(new Error('badly'))));
    const closed = service.close();
    await expect(fetch(`${service.url}/v1/things`)).rejects.toThrow();
    expect(said).toEqual([]);
    service.gate.open();
    expect(await closed).toEqual({ clean: true });
    expect(said).toEqual(['ended', 'closed']);
  });

  it('leaves held work at the deadline, and says so', async () => {
    service = await startService({ shutdown: { deadlineMs: 20 } });
    service.app.get(ServiceLifecycle).holdFor(service.gate.opened);
    expect(await service.close()).toEqual({ clean: true });
    expect(service.text()).toContain('Work still went on at the shutdown deadline');
  });

  it('does not wait for idle connections', async () => {
    service = await startService();
    await new Promise<void>((resolve, reject) => {
      request(`${service.url}/health/live`, { agent }, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end();
    });
    expect(await service.close()).toEqual({ clean: true });
  });

  it('cuts what is not done at the deadline', async () => {
    service = await startService({ shutdown: { deadlineMs: 20 } });
    const slow = fetch(`${service.url}/v1/things/slow`).then(
      () => 'answered',
      () => 'cut',
    );
    await service.gate.arrived;
    expect(await service.close()).toEqual({ clean: false });
    expect(await slow).toBe('cut');
    expect(service.text()).toContain('shutdown deadline');
  });

  it('cuts upgraded connections at the deadline too', async () => {
    service = await startService({ shutdown: { deadlineMs: 20 } });
    service.app.getHttpServer().on('upgrade', (_, socket) => {
      socket.on('error', () => socket.destroy());
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
    });
    const client = connect({ port: service.port, host: '127.0.0.1', allowHalfOpen: true });
    client.write('GET /echo HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
    await once(client, 'data');
    const cut = once(client, 'end');
    expect(await service.close()).toEqual({ clean: false });
    await cut;
    client.destroy();
    expect(service.text()).not.toContain('hooks did not end well');
  });

  it('reports hooks that do not end', async () => {
    const stuck = { onApplicationShutdown: () => new Promise(() => undefined) };
    service = await startService({
      shutdown: { hooksDeadlineMs: 20 },
      providers: [{ provide: 'stuck', useValue: stuck }],
    });
    expect(await service.close()).toEqual({ clean: false });
  });
});
