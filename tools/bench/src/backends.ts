import type { BenchBackend, Measured } from './backends/backend.ts';
import { dynamodb } from './backends/dynamodb/dynamodb.ts';
import { failover } from './backends/failover.ts';
import { memory } from './backends/memory.ts';
import { postgres } from './backends/postgres/postgres.ts';
import { redis } from './backends/redis/redis.ts';
import { sqlite } from './backends/sqlite.ts';

const BACKENDS: readonly BenchBackend[] = [postgres, redis, failover, dynamodb, sqlite, memory];

/** The backends of which something is measured: each made in `backends`, listed here. */
export function backendsWith(measured: Measured): readonly BenchBackend[] {
  return BACKENDS.filter((backend) => backend.measured.includes(measured));
}
