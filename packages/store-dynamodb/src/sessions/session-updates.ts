import { RETIRED_VERIFIERS_KEPT } from '@mooring/session-store';
import type { Digest, EpochMs, Rotation, SessionPatch } from '@mooring/session-store';
import type { ItemKey } from '../keys.ts';
import type { Update } from '../table/dynamo-table.ts';
import { secondsOf } from './session-item.ts';

/** When the list of retired verifiers is cut, rather than added to. */
const MOST_RETIRED = 2 * RETIRED_VERIFIERS_KEPT;

/** Alive, and not missed by an end of all sessions of its subject: the index knows it. */
const USABLE =
  'attribute_not_exists(revokedAt) AND idleAt > :now AND endsAt > :now AND (attribute_exists(ix) OR attribute_not_exists(subject))';

const CURRENT_VERIFIER = 'verifier = :presented';
const SAME_VERSION = 'version = :version';

/** What the caller knows of the session: the verifier that it was shown, or the version that it read. */
export type Guard = { readonly presented: Digest | undefined } | { readonly version: number };

function guarded(guard: Guard): string {
  if ('version' in guard) return `${USABLE} AND ${SAME_VERSION}`;
  return guard.presented === undefined ? USABLE : `${USABLE} AND ${CURRENT_VERIFIER}`;
}

export function touchOf(key: ItemKey, guard: Guard, now: EpochMs): Update {
  return {
    key,
    change: 'SET seenAt = :now, idleAt = idleFor + :now, collectAt = idleS + :nowS',
    when: guarded(guard),
    values: { ...guard, now, nowS: Math.ceil(now / 1000) },
  };
}

export function patchOf(
  key: ItemKey,
  version: number,
  { idleTimeoutMs }: SessionPatch,
  json: string | undefined,
  { now, stamp }: { readonly now: EpochMs; readonly stamp: string },
): Update {
  const sets = ['version = :next', 'stamp = :stamp'];
  if (json !== undefined) sets.push('body = :body');
  if (idleTimeoutMs !== undefined) {
    sets.push('idleFor = :idleFor', 'idleAt = :idleAt', 'idleS = :idleS', 'collectAt = :collectAt', 'dueAt = :idleAt');
  }
  const idleS = secondsOf(idleTimeoutMs ?? 0);
  return {
    key,
    change: `SET ${sets.join(', ')}`,
    when: guarded({ version }),
    values: {
      now,
      version,
      next: version + 1,
      stamp,
      body: json,
      idleFor: idleTimeoutMs,
      idleAt: now + (idleTimeoutMs ?? 0),
      idleS,
      collectAt: Math.ceil(now / 1000) + idleS,
    },
  };
}

/** What a rotation that did not fit was answered with. */
export interface KnownSession {
  readonly version: number;
  readonly authenticatedAt: EpochMs;
  readonly retired: readonly Digest[];
}

/**
 * When `known`, the list of retired verifiers is written whole, and a proof of who the subject is by a clock that is behind
 * moves `authenticatedAt` no further back.
 */
export function rotationOf(
  key: ItemKey,
  { presented, next, reauthenticated = false }: Rotation,
  { now, stamp }: { readonly now: EpochMs; readonly stamp: string },
  known?: KnownSession,
): Update {
  const sets = [
    'verifier = :next',
    known === undefined ? 'retired = list_append(:before, retired)' : 'retired = :retired',
    'version = version + :one',
    'stamp = :stamp',
    'rotatedAt = :now',
    'grace = :grace',
  ];
  if (reauthenticated) {
    sets.push(
      'authenticatedAt = :authenticatedAt',
      'seenAt = :now',
      'idleAt = idleFor + :now',
      'endsAt = lifetime + :now',
    );
    sets.push('endsAtS = lifetimeS + :nowS', 'collectAt = idleS + :nowS');
  }
  return {
    key,
    change: `SET ${sets.join(', ')}`,
    when:
      known === undefined
        ? `${guarded({ presented })} AND attribute_not_exists(retired[${MOST_RETIRED - 1}])${reauthenticated ? ' AND authenticatedAt <= :authenticatedAt' : ''}`
        : `${guarded({ version: known.version })} AND ${CURRENT_VERIFIER}`,
    values: {
      now,
      nowS: Math.ceil(now / 1000),
      authenticatedAt: Math.max(now, known?.authenticatedAt ?? 0),
      presented,
      next,
      before: [presented],
      retired: [presented, ...(known?.retired ?? [])].slice(0, RETIRED_VERIFIERS_KEPT),
      version: known?.version,
      one: 1,
      stamp,
      grace: !reauthenticated,
    },
  };
}

const TO_TOMBSTONE = 'collectAt = if_not_exists(endsAtS, collectAt) REMOVE ix, body, verifier, retired';

/** Revoking again changes nothing. */
export function revocationOf(key: ItemKey, reason: string, now: EpochMs): Update {
  return {
    key,
    change: `SET revokedAt = if_not_exists(revokedAt, :now), reason = if_not_exists(reason, :reason), ${TO_TOMBSTONE}`,
    when: 'attribute_exists(pk)',
    values: { now, reason },
  };
}

/** Ends a session as of `at`, unless it is ended or was authenticated later. Answers the session before. */
export function endOf(key: ItemKey, reason: string, at: EpochMs): Update {
  return {
    key,
    change: `SET revokedAt = :at, reason = :reason, ${TO_TOMBSTONE}`,
    when: 'attribute_exists(pk) AND attribute_not_exists(revokedAt) AND authenticatedAt <= :at',
    values: { at, reason },
    answer: 'before',
    current: false,
  };
}

/** Moves a session that nobody was told of after the end of all sessions of its subject, unless that ended it. */
export function postponementOf(key: ItemKey, authenticatedAt: EpochMs): Update {
  return {
    key,
    change: 'SET authenticatedAt = :authenticatedAt',
    when: 'attribute_exists(pk) AND attribute_not_exists(revokedAt) AND authenticatedAt <= :authenticatedAt',
    values: { authenticatedAt },
    current: false,
  };
}

/** Puts a session back in its place in the index. */
export function placingOf(key: ItemKey, place: string): Update {
  return {
    key,
    change: 'SET ix = :place',
    when: 'attribute_exists(pk) AND attribute_not_exists(revokedAt)',
    values: { place },
    answer: 'none',
    current: false,
  };
}
