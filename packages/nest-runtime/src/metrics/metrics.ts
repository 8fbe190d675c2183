import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { CounterConfiguration, GaugeConfiguration, HistogramConfiguration } from 'prom-client';

type Collector = (this: Gauge) => void | Promise<void>;

/**
 * The service's Prometheus metrics, in a registry of their own. Asking for a metric that exists answers it, so two
 * providers may use one, and each may collect its own part of a gauge. Never label with what callers choose (ids, paths):
 * each value is a series for ever.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  private readonly collectors = new Map<string, Collector[]>();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
  }

  counter<Label extends string = string>(configuration: CounterConfiguration<Label>): Counter<Label> {
    const existing = this.registry.getSingleMetric(configuration.name) as Counter<Label> | undefined;
    return existing ?? new Counter({ ...configuration, registers: [this.registry] });
  }

  gauge<Label extends string = string>(configuration: GaugeConfiguration<Label>): Gauge<Label> {
    const { name, collect } = configuration;
    const collectors = this.collectors.get(name) ?? [];
    this.collectors.set(name, collectors);
    if (collect !== undefined) collectors.push(collect);
    const existing = this.registry.getSingleMetric(name) as Gauge<Label> | undefined;
    if (existing !== undefined) return existing;
    return new Gauge({
      ...configuration,
      registers: [this.registry],
      async collect() {
        for (const one of collectors) await one.call(this);
      },
    });
  }

  histogram<Label extends string = string>(configuration: HistogramConfiguration<Label>): Histogram<Label> {
    const existing = this.registry.getSingleMetric(configuration.name) as Histogram<Label> | undefined;
    return existing ?? new Histogram({ ...configuration, registers: [this.registry] });
  }
}
