import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ServiceLifecycle } from '../boot/service-lifecycle.ts';
import { Logger } from '../logging/logger.ts';
import { Metrics } from '../metrics/metrics.ts';
import { describeError } from '../logging/describe-error.ts';
import { HealthIndicator } from './health-indicator.ts';
import type { HealthReport } from './health-indicator.ts';

export interface ReadinessReport {
  readonly status: 'up' | 'down';
  readonly checks: Readonly<Record<string, HealthReport>>;
}

const DEFAULT_TIMEOUT_MS = 2000;

/** Whether the service should get requests: every dependency is up and it is not shutting down. */
@Injectable()
export class Readiness {
  private readonly ready;
  private readonly checks;

  constructor(
    @Inject(ModuleRef) private readonly modules: ModuleRef,
    @Inject(ServiceLifecycle) private readonly lifecycle: ServiceLifecycle,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.ready = metrics.gauge({
      name: 'mooring_ready',
      help: '1 when the instance was ready for requests at the last probe, else 0.',
    });
    this.checks = metrics.gauge({
      name: 'mooring_ready_check',
      help: '1 when this dependency was up at the last probe, else 0.',
      labelNames: ['check'],
    });
  }

  async report(): Promise<ReadinessReport> {
    const report = await this.look();
    const value = (status: 'up' | 'down'): number => (status === 'up' ? 1 : 0);
    this.ready.set(value(report.status));
    for (const [check, { status }] of Object.entries(report.checks)) this.checks.set({ check }, value(status));
    return report;
  }

  private async look(): Promise<ReadinessReport> {
    if (this.lifecycle.draining) {
      return { status: 'down', checks: { service: { status: 'down', reason: 'is shutting down' } } };
    }
    const indicators = this.indicators();
    const reports = await Promise.all(indicators.map((indicator) => this.check(indicator)));
    return {
      status: reports.every(({ status }) => status === 'up') ? 'up' : 'down',
      checks: Object.fromEntries(indicators.map(({ name }, index) => [name, reports[index] ?? { status: 'down' }])),
    };
  }

  private indicators(): HealthIndicator[] {
    try {
      return this.modules.get<symbol, HealthIndicator>(HealthIndicator, { strict: false, each: true });
    } catch {
      return [];
    }
  }

  private async check(indicator: HealthIndicator): Promise<HealthReport> {
    const timeoutMs = indicator.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const expiry = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<HealthReport>((resolve) => {
      timer = setTimeout(() => resolve({ status: 'down', reason: `gave no answer in ${timeoutMs} ms` }), timeoutMs);
    });
    const checked = Promise.resolve()
      .then(() => indicator.check(expiry.signal))
      .catch((error: unknown): HealthReport => {
        this.logger.warn({ indicator: indicator.name, error: describeError(error) }, 'Health check failed');
        return { status: 'down', reason: 'the check failed; see the log' };
      });
    try {
      return await Promise.race([checked, late]);
    } finally {
      clearTimeout(timer);
      expiry.abort();
    }
  }
}
