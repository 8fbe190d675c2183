import { Injectable, Module } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from '../logging/logger.ts';
import { Metrics } from '../metrics/metrics.ts';
import { bootJob } from './boot-job.ts';
import { ServiceLifecycle } from './service-lifecycle.ts';

@Injectable()
class Store implements OnApplicationShutdown {
  closed = false;

  onApplicationShutdown(): void {
    this.closed = true;
  }
}

@Module({ providers: [Store] })
class JobModule {}

describe('a job', () => {
  it('has what a service has, but its port, and closes it in the end', async () => {
    const job = await bootJob({
      name: 'job',
      module: JobModule,
      logger: createLogger({ name: 'job', level: 'silent' }),
    });
    const store = job.context.get(Store);
    expect(job.context.get(Metrics, { strict: false })).toBeInstanceOf(Metrics);
    expect(job.context.get(ServiceLifecycle, { strict: false })).toBe(job.lifecycle);
    expect([job.lifecycle.draining, store.closed]).toEqual([false, false]);
    await job.close();
    expect([job.lifecycle.draining, store.closed]).toEqual([true, true]);
  });

  it('does not begin when a provider can not be made', async () => {
    const broken = {
      module: class Broken {},
      providers: [{ provide: 'store', useFactory: () => Promise.reject(new Error('refused')) }],
    };
    const logger = createLogger({ name: 'job', level: 'silent' });
    await expect(bootJob({ name: 'job', module: broken, logger })).rejects.toThrow('refused');
  });
});
