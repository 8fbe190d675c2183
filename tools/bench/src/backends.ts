import type { BenchBackend } from './backends/backend.ts';
import { failover } from './backends/failover.ts';
import { memory } from './backends/memory.ts';
import { postgres } from './backends/postgres/postgres.ts';
import { redis } from './backends/redis/redis.ts';
import { sqlite } from './backends/sqlite.ts';

const BACKENDS: readonly BenchBackend[] = [postgres, redis, failover, sqlite, memory];

/** The backends of a benchmark: a file each in `backends`, listed here. */
export function backendsOf(benchmark: BenchBackend['benchmarks'][number]): readonly BenchBackend[] {
  return BACKENDS.filter(({ benchmarks }) => benchmarks.includes(benchmark));
}
