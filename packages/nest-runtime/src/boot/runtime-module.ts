import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { HealthController } from '../health/health-controller.ts';
import { Readiness } from '../health/readiness.ts';
import { Logger } from '../logging/logger.ts';
import { Metrics } from '../metrics/metrics.ts';
import { MetricsController } from '../metrics/metrics-controller.ts';
import { ServiceLifecycle } from './service-lifecycle.ts';

/** What every provider of a service may inject: `Logger`, `Metrics` and `ServiceLifecycle`. */
@Global()
@Module({})
export class RuntimeModule {
  static forService(parts: {
    readonly logger: Logger;
    readonly metrics: Metrics;
    readonly lifecycle: ServiceLifecycle;
    readonly app: DynamicModule['module'] | DynamicModule;
  }): DynamicModule {
    return {
      module: RuntimeModule,
      imports: [parts.app],
      controllers: [HealthController, MetricsController],
      providers: [
        Readiness,
        { provide: Logger, useValue: parts.logger },
        { provide: Metrics, useValue: parts.metrics },
        { provide: ServiceLifecycle, useValue: parts.lifecycle },
      ],
      exports: [Logger, Metrics, ServiceLifecycle],
    };
  }
}
