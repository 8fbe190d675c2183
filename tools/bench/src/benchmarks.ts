import type { Benchmark } from './benchmark.ts';
import { api } from './benchmarks/api.ts';
import { auth } from './benchmarks/auth.ts';
import { engine } from './benchmarks/engine.ts';
import { memory } from './benchmarks/memory.ts';
import { scale } from './benchmarks/scale.ts';
import { sessionReuse } from './benchmarks/session-reuse.ts';
import { stores } from './benchmarks/stores.ts';
import { sweep } from './benchmarks/sweep.ts';

/** Every benchmark there is: one file each, listed here. */
export const BENCHMARKS: readonly Benchmark[] = [sessionReuse, stores, auth, api, engine, sweep, memory, scale];
