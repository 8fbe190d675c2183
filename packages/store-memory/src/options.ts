import { systemClock } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import { misconfigured } from './errors.ts';

export interface MemoryStoreOptions {
  /** Told apart in cursors only: each store has its own rows. Default `default`. */
  readonly namespace?: string;
  /** Decides all deadlines. Default: the process's. */
  readonly clock?: Clock;
  /** The most rows over all ports: sessions, tombstones, limits, budgets, slots, … Default 100,000. */
  readonly maxEntries?: number;
  /** The most bytes that all rows may take, as estimated. Default 268,435,456 (256 MiB). */
  readonly maxBytes?: number;
  /** The most bytes of a session's data as JSON. Default 262,144. */
  readonly maxDataBytes?: number;
  /** How long a dead row still says why it is dead, while there is room. Default 60,000; 0 to 86,400,000. */
  readonly keepDeadMs?: number;
  /** Whether this is a production process. Then the store is refused, unless `allowProduction` is set. Default false. */
  readonly production?: boolean;
  /** Sessions that end with the process are wanted in production: a warning instead of a refusal. Default false. */
  readonly allowProduction?: boolean;
  /** Is told what to think about, once. */
  readonly warn?: (message: string) => void;
}

export interface MemoryStoreSettings {
  readonly namespace: string;
  readonly clock: Clock;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly maxDataBytes: number;
  readonly keepDeadMs: number;
}

const LOSS = 'sessions in memory are lost when the process ends and unknown to other processes';

/** @throws StoreError `misconfigured` */
export function settingsFrom(options: MemoryStoreOptions): MemoryStoreSettings {
  const { production = false, allowProduction = false, warn } = options;
  if (production && !allowProduction) {
    throw misconfigured(`${LOSS}: not for production. Use a store on a server, or set allowProduction`);
  }
  if (production) warn?.(`memory store in production: ${LOSS}`);
  const settings: MemoryStoreSettings = {
    namespace: options.namespace ?? 'default',
    clock: options.clock ?? systemClock,
    maxEntries: options.maxEntries ?? 100_000,
    maxBytes: options.maxBytes ?? 268_435_456,
    maxDataBytes: options.maxDataBytes ?? 262_144,
    keepDeadMs: options.keepDeadMs ?? 60_000,
  };
  const { namespace } = settings;
  if (
    typeof namespace !== 'string' ||
    namespace.length === 0 ||
    namespace.length > 256 ||
    /\p{Cc}|\p{Cs}/u.test(namespace)
  ) {
    throw misconfigured('namespace must be 1 to 256 characters without control characters');
  }
  requireWhole('maxEntries', settings.maxEntries, 1, 16_000_000);
  requireWhole('maxBytes', settings.maxBytes, 1024, Number.MAX_SAFE_INTEGER);
  requireWhole('maxDataBytes', settings.maxDataBytes, 1024, 16_777_216);
  requireWhole('keepDeadMs', settings.keepDeadMs, 0, 86_400_000);
  return settings;
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw misconfigured(`${name} must be a whole number from ${least} to ${most}`);
  }
}
