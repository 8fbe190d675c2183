export type { Benchmark, BenchmarkRun, Check, Report, Row } from './benchmark.ts';
