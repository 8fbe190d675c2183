import type {
  Digest,
  EpochMs,
  Liveness,
  NewSession,
  SessionData,
  SessionRecord,
  SessionRef,
  SessionSummary,
} from '@mooring/session-store';
import { RETIRED_VERIFIERS_KEPT } from '@mooring/session-store';
import { corrupt } from '../errors.ts';
import { escaped } from '../keys.ts';
import type { ItemKey, Keys } from '../keys.ts';
import type { Item } from '../table/item.ts';

/** How long after its deadline the service may collect a session. */
const KEPT_S = 3600;

/**
 * A new session. `idleAt` may be past `endsAt`, so that a touch can compute it without knowing the session; the earlier one
 * counts. What ends in `S` are whole seconds with a margin: what the time to live is made of.
 */
export function newItem(
  keys: Keys,
  session: NewSession,
  json: string,
  { now, stamp, version }: { readonly now: EpochMs; readonly stamp: string; readonly version: number },
): Item & ItemKey {
  const { subjectId, idleTimeoutMs, lifetimeMs, verifier } = session;
  const key = keys.session(session);
  const idleAt = now + idleTimeoutMs;
  const endsAt = now + lifetimeMs;
  const idleS = secondsOf(Math.min(idleTimeoutMs, lifetimeMs));
  return {
    ...key,
    stamp,
    version,
    createdAt: now,
    authenticatedAt: now,
    seenAt: now,
    idleFor: idleTimeoutMs,
    idleAt,
    lifetime: lifetimeMs,
    endsAt,
    retired: [],
    body: json,
    idleS,
    lifetimeS: secondsOf(lifetimeMs),
    endsAtS: secondsOf(endsAt),
    collectAt: Math.ceil(now / 1000) + idleS,
    ...dueOf(keys, session.id, Math.min(idleAt, endsAt)),
    ...(verifier === undefined || verifier === null ? {} : { verifier }),
    ...(subjectId === null ? {} : { subject: subjectId, ix: placeOf(subjectId, now, session.id) }),
  };
}

export function secondsOf(ms: number): number {
  return Math.ceil(ms / 1000) + KEPT_S;
}

/** When to look whether it is dead; in one of the shards of the index. */
export function dueOf(keys: Keys, id: string, dueAt: EpochMs): { readonly dueIn: string; readonly dueAt: EpochMs } {
  const shard = id.codePointAt(id.length - 1) ?? 0;
  return { dueIn: keys.due((shard % 16).toString(16)), dueAt };
}

/** The place of a session among those of its subject. */
export function placeOf(subjectId: string, createdAt: EpochMs, id: string): string {
  return `${placesOf(subjectId)}${String(createdAt).padStart(16, '0')}/${id}`;
}

export function placesOf(subjectId: string): string {
  return `${escaped(subjectId)}/`;
}

/** Why a session is none that lives, or undefined when it is one. */
export function deathOf(operation: string, item: Item, now: EpochMs): Exclude<Liveness, 'not_found'> | undefined {
  if (item['revokedAt'] !== undefined) return 'revoked';
  if (now >= numberIn(operation, item, 'endsAt')) return 'expired_absolute';
  return now >= numberIn(operation, item, 'idleAt') ? 'expired_idle' : undefined;
}

/** A session of somebody that lost its place in the index: ending all sessions of its subject may have missed it. */
export function isLost({ subject, ix }: Item): boolean {
  return subject !== undefined && ix === undefined;
}

/** What a presented digest is to the session. No digest presented: nothing to compare. */
export function standingOf(
  operation: string,
  item: Item,
  presented: Digest | undefined,
  graceMs: number,
  now: EpochMs,
): 'current' | 'previous' | 'retired' | 'mismatch' {
  if (presented === undefined || presented === item['verifier']) return 'current';
  const retired = retiredIn(operation, item);
  const rotatedAt = item['rotatedAt'] === undefined ? 0 : numberIn(operation, item, 'rotatedAt');
  // Of a rotation by a clock that is ahead, no more is known than of one long ago.
  const isWithin = Math.abs(now - rotatedAt) < graceMs;
  if (item['grace'] === true && presented === retired[0] && isWithin) return 'previous';
  return retired.includes(presented) ? 'retired' : 'mismatch';
}

/** Newest first. */
export function retiredIn(operation: string, item: Item): readonly Digest[] {
  const { retired } = item;
  if (!Array.isArray(retired)) throw corrupt(operation, 'a session has no list of retired verifiers');
  return (retired as readonly Digest[]).slice(0, RETIRED_VERIFIERS_KEPT);
}

export function recordOf(operation: string, { tenantId, id }: SessionRef, item: Item): SessionRecord {
  const { subject = null, verifier = null, rotatedAt = null } = item;
  const endsAt = numberIn(operation, item, 'endsAt');
  if ((subject !== null && typeof subject !== 'string') || (verifier !== null && typeof verifier !== 'string')) {
    throw corrupt(operation, 'a session lacks a part');
  }
  return {
    tenantId,
    id,
    subjectId: subject,
    data: dataOf(operation, item['body']),
    version: numberIn(operation, item, 'version'),
    createdAt: numberIn(operation, item, 'createdAt'),
    authenticatedAt: numberIn(operation, item, 'authenticatedAt'),
    lastSeenAt: numberIn(operation, item, 'seenAt'),
    idleTimeoutMs: numberIn(operation, item, 'idleFor'),
    idleExpiresAt: Math.min(numberIn(operation, item, 'idleAt'), endsAt),
    absoluteExpiresAt: endsAt,
    verifier,
    rotatedAt: rotatedAt === null ? null : numberIn(operation, item, 'rotatedAt'),
  };
}

export function summaryOf(operation: string, tenantId: string, item: Item): SessionSummary {
  const { verifier: _, ...summary } = recordOf(operation, { tenantId, id: String(item['sk']) }, item);
  return summary;
}

export function numberIn(operation: string, item: Item, name: string): number {
  const value = item[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw corrupt(operation, 'a session lacks a number');
  return value;
}

function dataOf(operation: string, body: unknown): SessionData {
  let data: unknown;
  try {
    data = JSON.parse(typeof body === 'string' ? body : '');
  } catch {
    throw corrupt(operation, 'its data is not JSON');
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw corrupt(operation, 'its data is not a JSON object');
  }
  return data as SessionData;
}
