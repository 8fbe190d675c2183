import { EngineError } from '@mooring/engine';
import { systemClock } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';

export interface DuckdbEngineOptions {
  /**
   * Below it, each tenant has a folder, and in it one for each storage with its database file. Made where it is missing,
   * for this user only. `null`: databases live in memory, each until the engine is closed.
   */
  readonly dataFolder: string | null;
  /** Below it, each tenant has a folder, and in it those that Parquet storages name. Without it, there are none. */
  readonly parquetFolder?: string;
  /** The most databases that are open, 1 to 10,000, default 64. Each takes 2.5 to 5 MB, and what its statements need. */
  readonly maxOpen?: number;
  /** A database that nobody has used for so long is closed: 10 to 86,400,000, default 300,000. */
  readonly idleMs?: number;
  /** The longest wait for a place when all open databases are in use, 0 to 600,000, default 5000. */
  readonly waitMs?: number;
  /** Of each database, 16 to 1,048,576, default 256. What is beyond goes to disk, or fails as `out_of_memory`. */
  readonly memoryMb?: number;
  /** On disk for what does not fit into memory, for each database, 0 to 1,048,576, default 1024. 0: nothing. */
  readonly spillMb?: number;
  /** Of each statement, 1 to 256, default 1. */
  readonly threads?: number;
  /**
   * The most calls into DuckDB at one time, 1 to 1024, default 3. Each takes a thread of Node's pool, which has four
   * unless UV_THREADPOOL_SIZE says otherwise; leave one for files and DNS.
   */
  readonly maxCalls?: number;
  /** Of these, the most of one tenant, 1 to `maxCalls`, default `maxCalls - 1`, at least 1. */
  readonly maxCallsPerTenant?: number;
  /** Replaces the process's clock, for tests. */
  readonly clock?: Clock;
}

export const DEFAULTS = {
  maxOpen: 64,
  idleMs: 300_000,
  waitMs: 5000,
  memoryMb: 256,
  spillMb: 1024,
  threads: 1,
  maxCalls: 3,
  clock: systemClock,
};

export type DuckdbEngineSettings = DuckdbEngineOptions & typeof DEFAULTS & { readonly maxCallsPerTenant: number };

const RANGES: readonly (readonly [keyof DuckdbEngineSettings, number, number])[] = [
  ['maxOpen', 1, 10_000],
  ['idleMs', 10, 86_400_000],
  ['waitMs', 0, 600_000],
  ['memoryMb', 16, 1_048_576],
  ['spillMb', 0, 1_048_576],
  ['threads', 1, 256],
  ['maxCalls', 1, 1024],
];

/** The options with defaults, or a `misconfigured` that says which one is wrong. */
export function settingsOf(options: DuckdbEngineOptions): DuckdbEngineSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const merged = { ...DEFAULTS, ...given } as DuckdbEngineSettings;
  const settings = { ...merged, maxCallsPerTenant: merged.maxCallsPerTenant ?? Math.max(1, merged.maxCalls - 1) };
  if (settings.dataFolder !== null) requirePath('dataFolder', settings.dataFolder);
  if (settings.parquetFolder !== undefined) requirePath('parquetFolder', settings.parquetFolder);
  for (const [name, least, most] of RANGES) requireWhole(name, settings[name], least, most);
  requireWhole('maxCallsPerTenant', settings.maxCallsPerTenant, 1, settings.maxCalls);
  return settings;
}

function requirePath(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '' || value.length > 3072 || /\p{Cc}/u.test(value)) {
    throw misconfigured(`${name} must be the path of a folder`);
  }
}

function requireWhole(name: string, value: unknown, least: number, most: number): void {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    throw misconfigured(`${name} must be a whole number from ${least} to ${most}`);
  }
}

function misconfigured(message: string): EngineError {
  return new EngineError({ code: 'misconfigured', message: `${message}.` });
}
