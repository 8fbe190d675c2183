import type { TokenVerifier } from './token-guard.ts';

/** The part of a metrics registry that is used; `Metrics` of `@mooring/nest-runtime` fits. */
export interface VerificationMetrics {
  histogram(definition: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: string[];
    readonly buckets: number[];
  }): { observe(labels: Record<string, string>, value: number): void };
}

/** Runs the work as a span of a trace; `traced` of `@mooring/nest-runtime` fits. */
export type Traced = <T>(name: string, details: object, work: () => Promise<T>) => Promise<T>;

/** The same verifier, timed in `mooring_token_verification_duration_seconds`, and each verification a span. */
export function observedVerifier(tokens: TokenVerifier, metrics: VerificationMetrics, traced: Traced): TokenVerifier {
  const durations = metrics.histogram({
    name: 'mooring_token_verification_duration_seconds',
    help: 'Time to verify a token. outcome: good, refused, or failed where the store gave no answer.',
    labelNames: ['outcome'],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1],
  });
  return {
    verify: async (token) => {
      const startedAt = performance.now();
      let outcome = 'failed';
      try {
        const verified = await traced('token verify', {}, () => tokens.verify(token));
        outcome = verified.ok ? 'good' : 'refused';
        return verified;
      } finally {
        durations.observe({ outcome }, (performance.now() - startedAt) / 1000);
      }
    },
  };
}
