import { NestFactory } from '@nestjs/core';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { FrameworkLog } from '../logging/framework-log.ts';
import type { Logger } from '../logging/logger.ts';
import { Metrics } from '../metrics/metrics.ts';
import { RuntimeModule } from './runtime-module.ts';
import { ServiceLifecycle } from './service-lifecycle.ts';

export interface JobOptions {
  /** Short name: the label of metrics and log lines. */
  readonly name: string;
  readonly module: Type | DynamicModule;
  readonly logger: Logger;
}

export interface RunningJob {
  readonly context: INestApplicationContext;
  /** Whoever runs the job decides when it begins to shut down, such as on a signal. */
  readonly lifecycle: ServiceLifecycle;
  /** Runs the shutdown hooks of the providers. */
  close(): Promise<void>;
}

/** The providers of a service without its port: for something that runs once and ends. */
export async function bootJob({ name, module, logger }: JobOptions): Promise<RunningJob> {
  const lifecycle = new ServiceLifecycle();
  const root = RuntimeModule.forService({ logger, metrics: new Metrics(name), lifecycle, app: module });
  const context = await NestFactory.createApplicationContext(root, {
    logger: new FrameworkLog(logger),
    abortOnError: false,
  });
  return {
    context,
    lifecycle,
    close: async () => {
      lifecycle.beginDrain();
      await context.close();
    },
  };
}
