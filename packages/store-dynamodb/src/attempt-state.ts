import type { AttemptPolicy, AttemptState, EpochMs } from '@mooring/session-store';
import { jsonForm } from './documents/document-form.ts';
import type { DocumentKind } from './documents/documents.ts';
import { corrupt } from './errors.ts';

interface Failure {
  readonly at: EpochMs;
  readonly id: string | null;
}

/** What is kept of a key. */
export interface AttemptRecord {
  /** The newest failures, as many as lock the key, oldest first. */
  readonly failures: readonly Failure[];
  /** How often the key was locked in a row. */
  readonly locks: number;
  readonly lockedUntil: EpochMs;
  /** Of the policy of the last failure, for when the record is garbage. */
  readonly windowMs: number;
  readonly resetAfterMs: number;
}

const NONE: AttemptRecord = { failures: [], locks: 0, lockedUntil: 0, windowMs: 0, resetAfterMs: 0 };

type Stored = readonly [
  locks: number,
  lockedUntil: EpochMs,
  windowMs: number,
  resetAfterMs: number,
  ...failures: (EpochMs | string | null)[],
];

export const ATTEMPTS: DocumentKind<AttemptRecord> = {
  empty: NONE,
  isMostlyNew: true,
  weight: ({ failures }) => failures.length + 5,
  remembered: 50_000,
  ...jsonForm<AttemptRecord>({
    read(operation, stored) {
      if (!Array.isArray(stored) || !stored.slice(0, 4).every(Number.isFinite)) {
        throw corrupt(operation, 'a counter of attempts lacks a part');
      }
      const [locks, lockedUntil, windowMs, resetAfterMs, ...rest] = stored as unknown as Stored;
      const failures: Failure[] = [];
      for (let place = 0; place < rest.length; place += 2) {
        failures.push({ at: Number(rest[place]), id: (rest[place + 1] as string | null | undefined) ?? null });
      }
      return { locks, lockedUntil, windowMs, resetAfterMs, failures };
    },
    write: ({ locks, lockedUntil, windowMs, resetAfterMs, failures }) => [
      locks,
      lockedUntil,
      windowMs,
      resetAfterMs,
      ...failures.flatMap(({ at, id }) => [at, id]),
    ],
  }),
  deadline: (record) =>
    Math.max(lastFailure(record) + record.windowMs, record.locks > 0 ? quietSince(record) + record.resetAfterMs : 0),
};

/** What still counts of a record. */
export function current(record: AttemptRecord, { windowMs, resetAfterMs }: AttemptPolicy, now: EpochMs): AttemptRecord {
  const failures = record.failures.filter(({ at }) => now - at < windowMs);
  const startsOver = record.locks > 0 && now - quietSince(record) >= resetAfterMs;
  return startsOver ? { ...NONE, failures } : { ...record, failures };
}

/** The record after a failure, or undefined when it does not count: the key is locked, or it was counted. */
export function failed(record: AttemptRecord, policy: AttemptPolicy, failure: Failure): AttemptRecord | undefined {
  const { limit, lockStepsMs, windowMs, resetAfterMs } = policy;
  if (record.lockedUntil > failure.at) return undefined;
  if (failure.id !== null && record.failures.some(({ id }) => id === failure.id)) return undefined;
  const failures = [...record.failures, failure].slice(-limit);
  if (failures.length < limit) return { ...record, failures, windowMs, resetAfterMs };
  const step = lockStepsMs[Math.min(record.locks, lockStepsMs.length - 1)] ?? 0;
  return { failures, locks: record.locks + 1, lockedUntil: failure.at + step, windowMs, resetAfterMs };
}

export function stateOf(
  scope: AttemptState['scope'],
  { failures, lockedUntil }: AttemptRecord,
  now: EpochMs,
): AttemptState {
  return { scope, failures: failures.length, lockedUntil: lockedUntil > now ? lockedUntil : null };
}

function lastFailure({ failures }: AttemptRecord): EpochMs {
  return failures.at(-1)?.at ?? 0;
}

function quietSince(record: AttemptRecord): EpochMs {
  return Math.max(lastFailure(record), record.lockedUntil);
}
