import { ok, refused } from '@mooring/session-store';
import type {
  CreateOptions,
  Digest,
  EpochMs,
  Liveness,
  NewSession,
  Page,
  PageRequest,
  Result,
  RevokeSelector,
  Rotation,
  SessionOwner,
  SessionPatch,
  SessionRecord,
  SessionRef,
  SessionStore,
  SessionSummary,
  TouchOptions,
  TouchedSession,
} from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import { contended, corrupt, uncertain } from '../errors.ts';
import type { Keys } from '../keys.ts';
import type { DynamoTable } from '../table/dynamo-table.ts';
import type { Item } from '../table/item.ts';
import type { CutOffs } from './cut-offs.ts';
import { SessionCreations } from './session-creations.ts';
import { deathOf, isLost, numberIn, placeOf, recordOf, retiredIn, standingOf } from './session-item.ts';
import { SessionLists } from './session-lists.ts';
import { endOf, patchOf, placingOf, revocationOf, rotationOf, touchOf } from './session-updates.ts';
import type { Guard, KnownSession } from './session-updates.ts';
import { newStamp } from '../stamp.ts';

const MOST_ROUNDS = 12;

/** An item for each session, each operation one request on it, with all conditions in it. */
export class DynamoSessions implements SessionStore {
  private readonly creations: SessionCreations;
  private readonly lists: SessionLists;

  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
    private readonly cutOffs: CutOffs,
    private readonly validation: Validation,
    namespace: string,
  ) {
    this.creations = new SessionCreations(table, keys, cutOffs);
    this.lists = new SessionLists(table, keys, cutOffs, validation, namespace);
  }

  async create(session: NewSession, options: CreateOptions = {}): Promise<Result<SessionRecord, 'exists' | 'limit'>> {
    const operation = 'sessions.create';
    const json = this.validation.newSession(operation, session, options);
    return this.creations.create(operation, session, json, options);
  }

  async get(ref: SessionRef): Promise<Result<SessionRecord, Liveness>> {
    const operation = 'sessions.get';
    this.validation.ref(operation, ref);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const item = await this.table.get(operation, this.keys.session(ref));
      const live = await this.look(operation, ref, item);
      if (live === 'mended') continue;
      return typeof live === 'string' ? refused(live) : ok(recordOf(operation, ref, live));
    }
    throw contended(operation);
  }

  async touch(
    ref: SessionRef,
    options: TouchOptions = {},
  ): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const operation = 'sessions.touch';
    const { presented, graceMs = 0, minIntervalMs = 0 } = options;
    this.validation.touch(operation, ref, options);
    const key = this.keys.session(ref);
    // Where each touch writes, the condition of the write is the whole check; else most touches only read.
    let guard: Guard | undefined = minIntervalMs === 0 ? { presented } : undefined;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      let item: Item | undefined;
      if (guard === undefined) {
        item = await this.table.get(operation, key);
      } else {
        const written = await this.table.update(operation, touchOf(key, guard, this.table.now()));
        if (written.done) return touched(operation, ref, written.item, 'version' in guard);
        item = written.current;
      }
      const live = await this.look(operation, ref, item);
      if (live === 'mended') continue;
      if (typeof live === 'string') return refused(live);
      const standing = await this.stand(operation, ref, live, presented, graceMs);
      if (standing === 'mismatch' || standing === 'reused') return refused(standing);
      const superseded = standing === 'previous';
      const isDue = this.table.now() - numberIn(operation, live, 'seenAt') >= minIntervalMs;
      if (!isDue) return touched(operation, ref, live, superseded);
      guard = superseded ? { version: numberIn(operation, live, 'version') } : { presented };
    }
    throw contended(operation);
  }

  async update(
    ref: SessionRef,
    expectedVersion: number,
    patch: SessionPatch,
  ): Promise<Result<SessionRecord, Liveness | 'conflict'>> {
    const operation = 'sessions.update';
    this.validation.ref(operation, ref);
    const json = this.validation.patch(operation, expectedVersion, patch);
    const key = this.keys.session(ref);
    const stamp = newStamp();
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const now = this.table.now();
      const written = await this.table.update(operation, patchOf(key, expectedVersion, patch, json, { now, stamp }));
      if (written.done) return ok(recordOf(operation, ref, written.item));
      if (written.current?.['stamp'] === stamp) return ok(recordOf(operation, ref, written.current));
      const live = await this.look(operation, ref, written.current);
      if (live === 'mended') continue;
      if (typeof live === 'string') return refused(live);
      if (numberIn(operation, live, 'version') === expectedVersion) continue;
      if (written.isUncertain) throw uncertain(operation);
      return refused('conflict');
    }
    throw contended(operation);
  }

  async rotate(ref: SessionRef, rotation: Rotation): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const operation = 'sessions.rotate';
    this.validation.rotation(operation, ref, rotation);
    const { presented, graceMs } = rotation;
    const key = this.keys.session(ref);
    const stamp = newStamp();
    let known: KnownSession | undefined;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const now = this.table.now();
      const written = await this.table.update(operation, rotationOf(key, rotation, { now, stamp }, known));
      if (written.done) return touched(operation, ref, written.item, false);
      if (written.current?.['stamp'] === stamp || written.current?.['verifier'] === rotation.next) {
        return touched(operation, ref, written.current, false);
      }
      const live = await this.look(operation, ref, written.current);
      if (live === 'mended') continue;
      if (typeof live === 'string') return refused(live);
      const standing = await this.stand(operation, ref, live, presented, graceMs);
      if (standing === 'mismatch' || standing === 'reused') return refused(standing);
      if (standing === 'previous') return touched(operation, ref, live, true);
      known = {
        version: numberIn(operation, live, 'version'),
        authenticatedAt: numberIn(operation, live, 'authenticatedAt'),
        retired: retiredIn(operation, live),
      };
    }
    throw contended(operation);
  }

  async revoke(ref: SessionRef, reason: string): Promise<Result<{ readonly revokedAt: EpochMs }, 'not_found'>> {
    const operation = 'sessions.revoke';
    this.validation.revocation(operation, ref, reason);
    const written = await this.table.update(operation, {
      ...revocationOf(this.keys.session(ref), reason, this.table.now()),
      current: false,
    });
    if (!written.done) return refused('not_found');
    return ok({ revokedAt: numberIn(operation, written.item, 'revokedAt') });
  }

  async revokeWhere(
    selector: RevokeSelector,
    reason: string,
  ): Promise<{ readonly notBefore: EpochMs; readonly revoked?: number }> {
    const operation = 'sessions.revokeWhere';
    const { tenantId, subjectId, exceptId } = selector;
    this.validation.revocations(operation, selector, reason);
    const { notBefore, revoked } = await this.cutOffs.endAll(operation, tenantId, subjectId, exceptId, reason);
    return { notBefore, ...(revoked === undefined ? {} : { revoked }) };
  }

  list(owner: SessionOwner, page: PageRequest): Promise<Page<SessionSummary>> {
    return this.lists.list(owner, page);
  }

  /** The session if it lives, else why not. One that lost its place in the index is compared with its subject first. */
  private async look(operation: string, ref: SessionRef, item: Item | undefined): Promise<Item | Liveness | 'mended'> {
    if (item === undefined) return 'not_found';
    const death = deathOf(operation, item, this.table.now());
    if (death !== undefined) return death;
    if (!isLost(item)) return item;
    const key = this.keys.session(ref);
    const cutOff = await this.cutOffs.cuts(operation, ref.tenantId, item);
    if (cutOff !== undefined) {
      await this.table.update(operation, endOf(key, 'not before', cutOff.notBefore));
      return 'revoked';
    }
    const { subject } = item;
    if (typeof subject !== 'string') throw corrupt(operation, 'a session lacks a part');
    const place = placeOf(subject, numberIn(operation, item, 'createdAt'), ref.id);
    await this.table.update(operation, placingOf(key, place));
    return 'mended';
  }

  /** What a live session is to who shows a verifier. A retired one ends it. */
  private async stand(
    operation: string,
    ref: SessionRef,
    item: Item,
    presented: Digest | undefined,
    graceMs: number,
  ): Promise<'current' | 'previous' | 'mismatch' | 'reused'> {
    const now = this.table.now();
    const standing = standingOf(operation, item, presented, graceMs, now);
    if (standing !== 'retired') return standing;
    await this.table.update(operation, { ...revocationOf(this.keys.session(ref), 'reused', now), current: false });
    return 'reused';
  }
}

function touched(operation: string, ref: SessionRef, item: Item, superseded: boolean): Result<TouchedSession, never> {
  return ok({ session: recordOf(operation, ref, item), superseded });
}
