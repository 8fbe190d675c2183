import type { Attributes } from '@opentelemetry/api';
import { traced } from '../tracing/span.ts';
import type { Metrics } from './metrics.ts';

export interface CallDefinition {
  /** Of the histogram: labels are `operation` and `outcome`. */
  readonly name: string;
  readonly help: string;
  /** What is called, before the operation in the name of a span. */
  readonly service: string;
  readonly attributes: (operation: string) => Attributes;
  /** The label for an error: one of a fixed list. */
  readonly failureOf: (error: unknown) => string;
  /** Upper bounds in seconds. Default 5 ms to 30 s. */
  readonly buckets?: number[];
}

export type Calls = <Answer>(operation: string, call: () => Promise<Answer>) => Promise<Answer>;

/** Times calls of another service by operation and outcome, and makes each a span. */
export function callMetrics(metrics: Metrics, definition: CallDefinition): Calls {
  const { name, help, service, attributes, failureOf } = definition;
  const { buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] } = definition;
  const durations = metrics.histogram({ name, help, labelNames: ['operation', 'outcome'], buckets });
  return async (operation, call) => {
    const took = durations.startTimer({ operation });
    try {
      const details = { kind: 'client', attributes: attributes(operation) } as const;
      const answer = await traced(`${service}.${operation}`, details, call);
      took({ outcome: 'ok' });
      return answer;
    } catch (error) {
      took({ outcome: failureOf(error) });
      throw error;
    }
  };
}
