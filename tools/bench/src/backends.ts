import type { BenchBackend } from './backends/backend.ts';
import { postgres } from './backends/postgres/postgres.ts';
import { redis } from './backends/redis/redis.ts';

/** Every backend there is: one file each, listed here. */
export const BACKENDS: readonly BenchBackend[] = [postgres, redis];
