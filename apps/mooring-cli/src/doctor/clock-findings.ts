import type { StoreInspection } from '@mooring/nest-session-store';
import { StoreError } from '@mooring/session-store';
import { failed, ok, warning } from './finding.ts';
import type { Finding } from './finding.ts';

/** Below this, clocks that are kept by NTP may differ. */
const TOLERATED_MS = 1000;
/** AWS refuses signatures that are further off. */
const AWS_LIMIT_MS = 300_000;

interface Reading {
  readonly of: string;
  readonly clockAheadMs: number;
  readonly latencyMs: number;
}

/** How this machine's clock and those of the servers differ, as far as round trips let one tell. */
export function clockFindings({ database, redis }: StoreInspection): Finding[] {
  const readings: Reading[] = [];
  if (database !== undefined && !(database instanceof StoreError)) readings.push({ of: 'PostgreSQL', ...database });
  if (redis !== undefined && !(redis instanceof StoreError)) {
    readings.push(...redis.map((server) => ({ of: 'Redis', ...server })));
  }
  if (readings.length === 0) return [];
  const apart = readings.flatMap(findingsOf);
  const [first, ...others] = readings;
  for (const other of others) {
    const differenceMs = other.clockAheadMs - (first?.clockAheadMs ?? 0);
    if (first === undefined || differenceMs * differenceMs <= (TOLERATED_MS + other.latencyMs + first.latencyMs) ** 2)
      continue;
    apart.push(
      warning(
        'clocks',
        `the clock of ${other.of} is ${secondsOf(differenceMs)} that of ${first.of}`,
        'keep the clocks of both servers by NTP',
      ),
    );
  }
  return apart.length > 0
    ? apart
    : [ok('clocks', `this machine's and ${readings.map(({ of }) => of).join("'s and ")}'s agree`)];
}

function findingsOf({ of, clockAheadMs, latencyMs }: Reading): Finding[] {
  const offMs = Math.abs(clockAheadMs) - latencyMs / 2;
  if (offMs <= TOLERATED_MS) return [];
  const found = `the clock of ${of} is ${secondsOf(clockAheadMs)} that of this machine`;
  return [
    offMs > AWS_LIMIT_MS
      ? failed('clocks', found, 'keep the clocks by NTP: AWS refuses requests of a clock that is off by 5 minutes')
      : warning('clocks', found, 'keep the clocks of this machine and of the server by NTP'),
  ];
}

function secondsOf(ms: number): string {
  return `${(Math.abs(ms) / 1000).toFixed(1)} s ${ms > 0 ? 'ahead of' : 'behind'}`;
}
