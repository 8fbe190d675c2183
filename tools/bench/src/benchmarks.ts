import type { Benchmark } from './benchmark.ts';
import { sessionReuse } from './benchmarks/session-reuse.ts';

/** Every benchmark there is: one file each, listed here. */
export const BENCHMARKS: readonly Benchmark[] = [sessionReuse];
