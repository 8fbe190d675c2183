import { isAbsolute } from 'node:path';
import type { DuckdbEngineOptions } from '@mooring/engine-duckdb';
import { environment } from '@mooring/environment-config';

const { integer, text } = environment;

/** Of the engine that keeps data in this process. */
export const embeddedVariables = {
  MOORING_DATA_DIR: text()
    .optional()
    .describe(
      'Folder of embedded databases, with one for each tenant, of this process alone. Without it they live in memory and ' +
        'end with the process; with `NODE_ENV=production` there are none then.',
    )
    .meta({ example: '/var/lib/mooring/data' }),
  MOORING_PARQUET_DIR: text()
    .optional()
    .describe('Folder of Parquet files that storages may name, with one for each tenant. None unless set.')
    .meta({ example: '/var/lib/mooring/parquet' }),
  MOORING_EMBEDDED_MAX_DATABASES: integer({ min: 1, max: 10_000 })
    .default(64)
    .describe('The most embedded databases that are open at one time; the least recently used ones are closed.'),
  MOORING_EMBEDDED_MEMORY_MB: integer({ min: 16, max: 1_048_576, unit: 'MiB' })
    .default(256)
    .describe('The most memory of one embedded database.'),
  MOORING_EMBEDDED_SPILL_MB: integer({ min: 0, max: 1_048_576, unit: 'MiB' })
    .default(1024)
    .describe('What one embedded database may put on disk when its memory is full.'),
  MOORING_EMBEDDED_THREADS: integer({ min: 1, max: 256 })
    .default(1)
    .describe('Threads of one statement in an embedded database.'),
  MOORING_EMBEDDED_MAX_CALLS: integer({ min: 1, max: 1024 })
    .default(3)
    .describe(
      "Calls into embedded databases at one time. Each takes a thread of Node's pool: raise UV_THREADPOOL_SIZE (4) with it.",
    ),
  MOORING_EMBEDDED_IDLE_SECONDS: integer({ min: 1, max: 86_400, unit: 'seconds' })
    .default(300)
    .describe('An embedded database that nobody uses for so long is closed.'),
};

interface EmbeddedValues {
  readonly NODE_ENV?: string | undefined;
  readonly MOORING_DATA_DIR?: string | undefined;
  readonly MOORING_PARQUET_DIR?: string | undefined;
  readonly MOORING_EMBEDDED_MAX_DATABASES: number;
  readonly MOORING_EMBEDDED_MEMORY_MB: number;
  readonly MOORING_EMBEDDED_SPILL_MB: number;
  readonly MOORING_EMBEDDED_THREADS: number;
  readonly MOORING_EMBEDDED_MAX_CALLS: number;
  readonly MOORING_EMBEDDED_IDLE_SECONDS: number;
}

/** Undefined where there is no embedded engine: what was written would be gone with the process. */
export function embeddedOptionsOf(values: EmbeddedValues): DuckdbEngineOptions | undefined {
  const { MOORING_DATA_DIR: dataFolder, MOORING_PARQUET_DIR: parquetFolder } = values;
  if (dataFolder === undefined && values.NODE_ENV === 'production') return undefined;
  return {
    dataFolder: dataFolder ?? null,
    ...(parquetFolder === undefined ? {} : { parquetFolder }),
    maxOpen: values.MOORING_EMBEDDED_MAX_DATABASES,
    memoryMb: values.MOORING_EMBEDDED_MEMORY_MB,
    spillMb: values.MOORING_EMBEDDED_SPILL_MB,
    threads: values.MOORING_EMBEDDED_THREADS,
    maxCalls: values.MOORING_EMBEDDED_MAX_CALLS,
    idleMs: values.MOORING_EMBEDDED_IDLE_SECONDS * 1000,
  };
}

const FOLDERS = ['MOORING_DATA_DIR', 'MOORING_PARQUET_DIR'] as const;

/** What of these variables can't be. */
export function embeddedFaults(
  values: EmbeddedValues,
): { readonly variable: keyof EmbeddedValues; readonly message: string }[] {
  const faults: { variable: keyof EmbeddedValues; message: string }[] = FOLDERS.filter((variable) => {
    const folder = values[variable];
    return folder !== undefined && !isAbsolute(folder);
  }).map((variable) => ({ variable, message: 'must be an absolute path, such as /var/lib/mooring/data' }));
  if (
    values.NODE_ENV === 'production' &&
    values.MOORING_PARQUET_DIR !== undefined &&
    values.MOORING_DATA_DIR === undefined
  ) {
    const message = 'needs MOORING_DATA_DIR: without it, production has no embedded engine to read Parquet files';
    faults.push({ variable: 'MOORING_PARQUET_DIR', message });
  }
  return faults;
}
