import type { BenchBackend } from './backends/backend.ts';
import { memory } from './backends/memory.ts';
import { postgres } from './backends/postgres/postgres.ts';
import { redis } from './backends/redis/redis.ts';
import { sqlite } from './backends/sqlite.ts';

/** Every backend there is, listed here. */
export const BACKENDS: readonly BenchBackend[] = [postgres, redis, sqlite, memory];
