import { StoreError, ok } from '@mooring/session-store';
import type {
  CreateOptions,
  EpochMs,
  Liveness,
  NewSession,
  Page,
  PageRequest,
  Result,
  RevokeSelector,
  Rotation,
  SessionCopies,
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
import type { AuthorityTime } from './authority-time.ts';
import type { CopyDesk, Search } from './copy-desk.ts';
import type { Epochs } from './epochs/epochs.ts';
import { notForgotten } from './errors.ts';

type Forget = (copies: SessionCopies) => Promise<void>;

/** After these a session is as it was before the call. */
const UNCHANGED = new Set<string>(['not_found', 'expired_idle', 'expired_absolute', 'mismatch', 'exists', 'limit']);
/** After these a copy that says otherwise is wrong. */
const DEAD = new Set<string>(['not_found', 'expired_idle', 'expired_absolute', 'revoked']);

/**
 * Sessions of the authority. A copy answers in its place where it is certain what the authority would answer. A change is
 * made at the authority first, and answered when no process can find a copy of what was before.
 */
export class FailoverSessions implements SessionStore {
  constructor(
    private readonly authority: SessionStore,
    private readonly validation: Validation,
    private readonly epochs: Epochs,
    private readonly desk: CopyDesk,
    private readonly time: AuthorityTime,
  ) {}

  async create(session: NewSession, options: CreateOptions = {}): Promise<Result<SessionRecord, 'exists' | 'limit'>> {
    const { tenantId, id, subjectId } = session;
    const create = () => this.authority.create(session, options);
    // Which sessions had to go is known to the authority only.
    if (options.maxPerSubject !== undefined && options.onLimit === 'evict-oldest' && subjectId !== null) {
      return this.change('sessions.create', create, (copies) => copies.forgetSubject(tenantId, subjectId));
    }
    if (options.replace === undefined) return create();
    return this.change('sessions.create', create, (copies) => copies.forget({ tenantId, id }));
  }

  async get(ref: SessionRef): Promise<Result<SessionRecord, Liveness>> {
    this.validation.ref('sessions.get', ref);
    const search = await this.desk.search(ref);
    const known = this.desk.answerOf(search);
    if (known !== undefined) return ok(known);
    const result = await this.authority.get(ref);
    if (result.ok) this.desk.keep(this.desk.copyOf(search, result.value));
    else this.desk.drop(search, ref);
    return result;
  }

  async touch(
    ref: SessionRef,
    options: TouchOptions = {},
  ): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const operation = 'sessions.touch';
    this.validation.touch(operation, ref, options);
    const maySkip = (options.minIntervalMs ?? 0) > 0;
    const search = maySkip ? await this.desk.search(ref) : undefined;
    const known = this.desk.answerOf(search, options);
    if (known !== undefined) return ok({ session: known, superseded: false });

    const earliest = maySkip ? this.time.earliest() : undefined;
    const forget: Forget = (copies) => copies.forget(ref);
    const result = await this.attempt(() => this.authority.touch(ref, options), forget);
    if (!result.ok) {
      if (result.reason === 'reused') await this.tell(operation, forget);
      else if (DEAD.has(result.reason)) this.desk.drop(search, ref);
      return result;
    }
    const { session } = result.value;
    const copy = this.desk.copyOf(search, session);
    if (maySkip && isUnwritten(session, search, earliest)) this.desk.keep(copy);
    else await this.tell(operation, (copies) => copies.forget(ref, copy));
    return result;
  }

  async update(
    ref: SessionRef,
    expectedVersion: number,
    patch: SessionPatch,
  ): Promise<Result<SessionRecord, Liveness | 'conflict'>> {
    const update = () => this.authority.update(ref, expectedVersion, patch);
    return this.change('sessions.update', update, (copies) => copies.forget(ref));
  }

  async rotate(ref: SessionRef, rotation: Rotation): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const rotate = () => this.authority.rotate(ref, rotation);
    return this.change('sessions.rotate', rotate, (copies) => copies.forget(ref));
  }

  async revoke(ref: SessionRef, reason: string): Promise<Result<{ readonly revokedAt: EpochMs }, 'not_found'>> {
    const revoke = () => this.authority.revoke(ref, reason);
    return this.change('sessions.revoke', revoke, (copies) => copies.forget(ref));
  }

  async revokeWhere(
    selector: RevokeSelector,
    reason: string,
  ): Promise<{ readonly notBefore: EpochMs; readonly revoked?: number }> {
    const forget: Forget = (copies) => copies.forgetSubject(selector.tenantId, selector.subjectId);
    const ended = await this.attempt(() => this.authority.revokeWhere(selector, reason), forget);
    await this.tell('sessions.revokeWhere', forget);
    return ended;
  }

  list(owner: SessionOwner, page: PageRequest): Promise<Page<SessionSummary>> {
    return this.authority.list(owner, page);
  }

  private async change<T, Reason extends string>(
    operation: string,
    call: () => Promise<Result<T, Reason>>,
    forget: Forget,
  ): Promise<Result<T, Reason>> {
    const result = await this.attempt(call, forget);
    if (result.ok || !UNCHANGED.has(result.reason)) await this.tell(operation, forget);
    return result;
  }

  /** A change of which nobody knows whether it was made is taken for one that was. */
  private async attempt<T>(call: () => Promise<T>, forget: Forget): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StoreError) || error.outcome === 'unknown') {
        await this.epochs.mayHaveChanged(forget);
      }
      throw error;
    }
  }

  private async tell(operation: string, forget: Forget): Promise<void> {
    try {
      await this.epochs.told(forget);
    } catch (cause) {
      throw notForgotten(operation, cause);
    }
  }
}

/** Whether a touch left the session as it was: seen before the touch began, or as the copy has it. */
function isUnwritten(session: SessionRecord, search: Search | undefined, earliest: EpochMs | undefined): boolean {
  const copy = search?.record;
  return (
    (earliest !== undefined && session.lastSeenAt < earliest) ||
    (copy?.version === session.version && copy.lastSeenAt === session.lastSeenAt)
  );
}
