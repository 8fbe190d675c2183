import { afterEach, describe, expect, it } from '@jest/globals';
import { startService } from '../boot/service.fixture.ts';
import type { TestService } from '../boot/service.fixture.ts';
import { HealthIndicator } from './health-indicator.ts';
import type { HealthReport } from './health-indicator.ts';

let service: TestService;
afterEach(() => service.close());

function indicator(name: string, check: (signal: AbortSignal) => Promise<HealthReport>, timeoutMs = 2000) {
  return { provide: HealthIndicator, useValue: { name, check, timeoutMs } };
}

async function ask(path: string): Promise<{ status: number; body: unknown; retryAfter: string | null }> {
  const response = await fetch(service.url + path);
  return { status: response.status, body: await response.json(), retryAfter: response.headers.get('retry-after') };
}

describe('health', () => {
  it('is up when nothing is asked about', async () => {
    service = await startService();
    expect(await ask('/health/ready')).toMatchObject({ status: 200, body: { status: 'up', checks: {} } });
  });

  it('shows what an indicator reports', async () => {
    service = await startService({
      providers: [indicator('store', () => Promise.resolve({ status: 'up', details: { latencyMs: 1 } }))],
    });
    expect(await ask('/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'up', checks: { store: { status: 'up', details: { latencyMs: 1 } } } },
    });
  });

  it('is down when one of them is down, late or broken, and lives on', async () => {
    let aborted = false;
    const never = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise<HealthReport>(() => undefined);
    };
    class Down {
      readonly name = 'down';
      check = (): Promise<HealthReport> => Promise.resolve({ status: 'down', reason: 'refused' });
    }
    service = await startService({
      providers: [Down, { provide: HealthIndicator, useExisting: Down }],
    });
    expect(await ask('/health/ready')).toEqual({
      status: 503,
      retryAfter: '5',
      body: { status: 'down', checks: { down: { status: 'down', reason: 'refused' } } },
    });
    expect(await ask('/health/live')).toMatchObject({ status: 200, body: { status: 'up' } });
    await service.close();

    service = await startService({ providers: [indicator('late', never, 20)] });
    expect(await ask('/health/ready')).toMatchObject({
      status: 503,
      body: { checks: { late: { status: 'down', reason: 'gave no answer in 20 ms' } } },
    });
    expect(aborted).toBe(true);
    await service.close();

    service = await startService({
      providers: [indicator('broken', () => Promise.reject(new Error('password hunter2')))],
    });
    expect(await ask('/health/ready')).toMatchObject({
      status: 503,
      body: { checks: { broken: { status: 'down', reason: 'the check failed; see the log' } } },
    });
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain('mooring_ready{service="things"} 0');
    expect(metrics).toContain('mooring_ready_check{check="broken",service="things"} 0');
  });
});
