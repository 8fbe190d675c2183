import assert from 'node:assert/strict';
import type {
  Digest,
  EpochMs,
  Result,
  SessionRecord,
  SessionRef,
  StoreBackend,
  TouchedSession,
} from '@mooring/session-store';
import { accepted, refusedAs } from '../expectations.ts';
import type { ManualClock } from '../manual-clock.ts';
import { allPages, digest } from '../samples.ts';
import type { SessionCommand } from './session-commands.ts';
import { SessionModel } from './session-model.ts';
import type { ModelSession } from './session-model.ts';

type On<Do extends SessionCommand['do']> = Extract<SessionCommand, { readonly do: Do }>;

/** Does each command to the store and to the model, and compares the answers. A millisecond passes before each. */
export class SessionRun {
  private readonly model: SessionModel;
  private issued = 0;

  constructor(
    private readonly store: StoreBackend,
    private readonly clock: ManualClock,
    tenantId: string,
  ) {
    this.model = new SessionModel(tenantId);
  }

  async step(command: SessionCommand): Promise<void> {
    await this.clock.advance(1 + (command.do === 'wait' ? command.ms : 0));
    const now = this.clock.now();
    switch (command.do) {
      case 'wait':
        return;
      case 'sweep':
        accepted(await this.store.sweep({ target: 'sessions', limit: 1000 }));
        return this.model.sweep(now);
      case 'list':
        return this.list(command, now);
      case 'create':
        return this.create(command, now);
      case 'revokeWhere':
        return this.revokeWhere(command, now);
      default:
        return this.onSession(command, now);
    }
  }

  private async create(command: On<'create'>, now: EpochMs): Promise<void> {
    const { subject: subjectId, number, idleTimeoutMs, lifetimeMs, maxPerSubject, evict } = command;
    const ref = this.model.refOf(subjectId, number);
    const verifier = this.nextVerifier();
    const result = await this.store.sessions.create(
      { ...ref, subjectId, data: { count: 0 }, idleTimeoutMs, lifetimeMs, verifier },
      maxPerSubject === null ? {} : { maxPerSubject, onLimit: evict ? 'evict-oldest' : 'reject' },
    );
    const known = this.model.sessions.get(ref.id);
    if (known !== undefined && !(known.swept && (result.ok || result.reason !== 'exists'))) {
      return refusedAs(result, 'exists');
    }
    const live = this.model.liveOf(subjectId, now);
    const tooMany = maxPerSubject === null ? 0 : Math.max(0, live.length - maxPerSubject + 1);
    if (tooMany > 0 && !evict) return refusedAs(result, 'limit');
    for (const session of live.slice(0, tooMany)) session.revokedAt = now;
    const session: ModelSession = {
      ref,
      subjectId,
      createdAt: now,
      lifetimeMs,
      version: 1,
      count: 0,
      authenticatedAt: now,
      lastSeenAt: now,
      idleTimeoutMs,
      idleExpiresAt: now + Math.min(idleTimeoutMs, lifetimeMs),
      absoluteExpiresAt: now + lifetimeMs,
      verifiers: [verifier],
      rotatedAt: null,
      graceGiven: false,
      revokedAt: null,
      cutOffAt: null,
      swept: false,
    };
    this.model.sessions.set(ref.id, session);
    same(accepted(result), session);
  }

  private async onSession(command: On<'get' | 'revoke' | 'touch' | 'update' | 'rotate'>, now: EpochMs): Promise<void> {
    const ref = this.model.refOf(command.subject, command.number);
    const session = this.model.sessions.get(ref.id);
    if (command.do === 'revoke') return this.revoke(ref, session, now);
    const next = this.nextVerifier();
    const presented = 'verifier' in command ? this.verifierOf(session, command.verifier) : undefined;
    const result = await this.call(command, session, next, presented);
    if (session === undefined) return refusedAs(result, 'not_found');
    const death = this.model.death(session, now);
    if (death !== undefined) {
      const also = [...(session.swept ? ['not_found'] : []), ...(session.cutOffAt === null ? [] : ['revoked'])];
      return refusedAs(result, death, ...also);
    }
    if (command.do === 'update') {
      if (command.off !== 0) return refusedAs(result, 'conflict');
      session.version++;
      session.count++;
      if (command.idleTimeoutMs !== null) {
        session.idleTimeoutMs = command.idleTimeoutMs;
        session.idleExpiresAt = Math.min(now + command.idleTimeoutMs, session.absoluteExpiresAt);
      }
    } else if (command.do !== 'get') {
      const standing = this.model.standing(session, presented, command.graceMs, now);
      if (standing === 'mismatch') return refusedAs(result, 'mismatch');
      if (standing === 'retired') {
        session.revokedAt = now;
        return refusedAs(result, 'reused');
      }
      if (command.do === 'rotate') {
        if (standing === 'current') this.model.rotate(session, next, command.reauthenticated, now);
      } else if (now - session.lastSeenAt >= command.minIntervalMs) this.model.touch(session, now);
      const answer = accepted(result);
      assert.equal('superseded' in answer && answer.superseded, standing === 'previous');
    }
    const answer = accepted(result);
    same('session' in answer ? answer.session : answer, session);
  }

  private async revoke(ref: SessionRef, session: ModelSession | undefined, now: EpochMs): Promise<void> {
    const result = await this.store.sessions.revoke(ref, 'logout');
    if (session === undefined) return refusedAs(result, 'not_found');
    if (session.swept && !result.ok) return refusedAs(result, 'not_found');
    const { revokedAt } = accepted(result);
    if (session.cutOffAt !== null && session.revokedAt === null) {
      assert.ok(session.cutOffAt <= revokedAt && revokedAt <= now);
      session.revokedAt = revokedAt;
    }
    session.revokedAt ??= now;
    assert.equal(revokedAt, session.revokedAt);
  }

  private call(
    command: On<'get' | 'touch' | 'update' | 'rotate'>,
    session: ModelSession | undefined,
    next: Digest,
    presented: Digest | undefined,
  ): Promise<Result<SessionRecord | TouchedSession, string>> {
    const ref = this.model.refOf(command.subject, command.number);
    const { sessions } = this.store;
    switch (command.do) {
      case 'get':
        return sessions.get(ref);
      case 'touch': {
        const { graceMs, minIntervalMs } = command;
        return sessions.touch(ref, { graceMs, minIntervalMs, ...(presented === undefined ? {} : { presented }) });
      }
      case 'update': {
        const { idleTimeoutMs, off } = command;
        const patch = {
          data: { count: (session?.count ?? 0) + 1 },
          ...(idleTimeoutMs === null ? {} : { idleTimeoutMs }),
        };
        return sessions.update(ref, (session?.version ?? 1) + off, patch);
      }
      default: {
        const { graceMs, reauthenticated } = command;
        return sessions.rotate(ref, { presented: presented ?? next, next, graceMs, reauthenticated });
      }
    }
  }

  private async revokeWhere({ subject, number, spare }: On<'revokeWhere'>, now: EpochMs): Promise<void> {
    const { tenantId } = this.model;
    const exceptId = this.model.refOf(subject, number).id;
    const selector = { tenantId, subjectId: subject, ...(spare ? { exceptId } : {}) };
    const { notBefore, revoked } = await this.store.sessions.revokeWhere(selector, 'everywhere');
    const ended = this.model.endAll(subject, spare ? exceptId : undefined, now);
    assert.equal(notBefore, now);
    if (revoked !== undefined) assert.equal(revoked, ended);
  }

  private async list({ subject, limit }: On<'list'>, now: EpochMs): Promise<void> {
    const owner = { tenantId: this.model.tenantId, subjectId: subject };
    const seen = await allPages(limit, (page) => this.store.sessions.list(owner, page));
    const live = this.model.liveOf(subject, now).map(({ ref }) => ref.id);
    assert.deepEqual(
      seen.map(({ id }) => id),
      live.toReversed(),
    );
  }

  private nextVerifier(): Digest {
    return digest(`${this.model.tenantId} ${++this.issued}`);
  }

  private verifierOf(session: ModelSession | undefined, place: number): Digest | undefined {
    return place === -1 ? undefined : (session?.verifiers[place] ?? digest('random'));
  }
}

function same(record: SessionRecord, session: ModelSession): void {
  const {
    ref,
    lifetimeMs: _,
    count,
    verifiers,
    graceGiven: __,
    revokedAt: ___,
    cutOffAt: ____,
    swept: _____,
    ...rest
  } = session;
  assert.deepEqual(record, { ...ref, ...rest, data: { count }, verifier: verifiers[0] });
}
