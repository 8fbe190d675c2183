import { createHash } from 'node:crypto';
import { callbackify } from 'node:util';
import { StoreError, sessionIdFrom } from '@mooring/session-store';
import type { EpochMs, SessionRef, SessionSummary } from '@mooring/session-store';
import expressSession from 'express-session';
import type { Session, SessionData as ExpressSession } from 'express-session';
import { settingsFrom } from './options.ts';
import type { ExpressSessionStoreOptions, ExpressSessionStoreSettings } from './options.ts';
import { idleTimeoutOf, isSameCookie } from './session-cookie.ts';
import { dataOf, fieldsIn, fieldsOf, isSame, merge } from './session-fields.ts';
import type { SessionFields } from './session-fields.ts';
import { Turns } from './turns.ts';

/** What is known of the stored session that an object in this process stands for. */
interface Known {
  readonly id: string;
  /** What the object had when it was read or last saved. Where it differs now, it was changed here. */
  readonly base: SessionFields;
  readonly stored: SessionFields;
  readonly version: number;
  /** When the session was last seen to be used, by this process's clock. */
  readonly usedAt: EpochMs;
}

type Callback<T> = (error: unknown, value?: T) => void;
type Request = Parameters<expressSession.Store['createSession']>[0];

/** As many requests may save one session at the same moment; each try is lost only to one of them that succeeded. */
const MOST_TRIES = 32;
const PAGE = 100;

/**
 * A store of express-session. What the browser holds is not stored: a session's id is a hash of it.
 *
 * Saving changes what the request changed, field by field at the top level, so that requests of one session at the same
 * time keep each other's changes. Saving a session that has ended meanwhile changes nothing and is no error: a late save
 * never brings it back. Failures of the store reach each callback as `StoreError`; without a callback they are emitted
 * as `error` when somebody listens. Emits neither `disconnect` nor `connect`, so a request never goes on without its
 * session.
 */
export class ExpressSessionStore extends expressSession.Store {
  private readonly settings: ExpressSessionStoreSettings;
  private readonly known = new WeakMap<object, Known>();
  private readonly turns = new Turns();

  /** @throws StoreError `misconfigured` */
  constructor(options: ExpressSessionStoreOptions) {
    super();
    this.settings = settingsFrom(options);
  }

  /** Reading a session counts as using it. Answers undefined for one that is dead or unknown. */
  override get(sid: string, callback: Callback<ExpressSession | undefined>): void {
    this.answer(() => this.find(sid), callback);
  }

  override set(sid: string, session: ExpressSession, callback?: (error?: unknown) => void): void {
    this.answer(() => this.save(sid, session), callback);
  }

  /** Says that the session was used, at most every `touchIntervalMs`. Saves the cookie where its settings changed. */
  override touch(sid: string, session: ExpressSession, callback?: (error?: unknown) => void): void {
    this.answer(() => this.use(sid, session), callback);
  }

  /** Ends the session: when it calls back, no process knows it any more. */
  override destroy(sid: string, callback?: (error?: unknown) => void): void {
    this.answer(() => this.turns.take(sid, () => this.end(this.refOf(sid))), callback);
  }

  /** All live sessions, as a list: what browsers hold is not stored, so no key tells them apart. */
  override all(callback: Callback<ExpressSession[]>): void {
    this.answer(() => this.collect(), callback);
  }

  override length(callback: Callback<number>): void {
    this.answer(() => this.count(), callback);
  }

  /** Ends all sessions that were live when it was called. */
  override clear(callback?: (error?: unknown) => void): void {
    this.answer(() => this.endAll(), callback);
  }

  override createSession(request: Request, data: ExpressSession): Session & ExpressSession {
    const known = this.known.get(data);
    const created = super.createSession(request, data);
    if (known !== undefined) this.known.set(created, known);
    return created;
  }

  private async find(sid: string): Promise<ExpressSession | undefined> {
    const { sessions, touchIntervalMs, clock } = this.settings;
    const usedAt = clock.now();
    const found = await sessions.touch(this.refOf(sid), { minIntervalMs: touchIntervalMs });
    const fields = found.ok ? fieldsIn(found.value.session) : undefined;
    if (!found.ok || fields === undefined) return undefined;
    const data = fieldsOf(fields) as unknown as ExpressSession;
    const { id, version } = found.value.session;
    this.known.set(data, { id, base: fields, stored: fields, version, usedAt });
    return data;
  }

  private async save(sid: string, session: object): Promise<void> {
    const fields = fieldsOf(session);
    const ref = this.refOf(sid);
    await this.turns.take(sid, async () => {
      const known = this.knownOf(session, ref);
      if (known !== undefined && isSame(known.base, fields)) return this.slide(ref, session, fields);
      const inPlace = known ?? (await this.create(ref, session, fields));
      if (inPlace !== undefined) await this.change(ref, session, inPlace, fields);
    });
  }

  /** Inserts a session that was not read from here. Answers what is in its place when it is there already. */
  private async create(ref: SessionRef, session: object, fields: SessionFields): Promise<Known | undefined> {
    const { sessions, lifetimeMs, clock } = this.settings;
    const { id } = ref;
    const idleTimeoutMs = this.idleTimeout(fields);
    const usedAt = clock.now();
    if (idleTimeoutMs > 0) {
      const data = dataOf(fields);
      const created = await sessions.create({ ...ref, subjectId: null, data, idleTimeoutMs, lifetimeMs });
      if (created.ok) {
        this.known.set(session, { id, base: fields, stored: fields, version: created.value.version, usedAt });
        return undefined;
      }
    }
    const found = await sessions.get(ref);
    const stored = found.ok ? fieldsIn(found.value) : undefined;
    if (!found.ok || stored === undefined) return undefined;
    return { id, base: stored, stored, version: found.value.version, usedAt };
  }

  private async change(ref: SessionRef, session: object, known: Known, fields: SessionFields): Promise<void> {
    const { sessions, clock } = this.settings;
    let { stored, version } = known;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const merged = merge(known.base, fields, stored);
      const idleTimeoutMs = this.idleTimeout(merged);
      if (idleTimeoutMs <= 0) return this.end(ref);
      const usedAt = clock.now();
      const updated = await sessions.update(ref, version, { data: dataOf(merged), idleTimeoutMs });
      if (updated.ok) {
        this.known.set(session, { ...known, base: fields, stored: merged, version: updated.value.version, usedAt });
        return;
      }
      const found = updated.reason === 'conflict' ? await sessions.get(ref) : updated;
      if (!found.ok) return;
      stored = fieldsIn(found.value) ?? {};
      version = found.value.version;
    }
    const message = `the session was changed ${MOST_TRIES} times meanwhile; save it again`;
    throw new StoreError({ code: 'conflict', backend: 'express-session', operation: 'set', message });
  }

  private async use(sid: string, session: ExpressSession): Promise<void> {
    const ref = this.refOf(sid);
    const fields = fieldsOf({ cookie: session.cookie });
    const known = this.knownOf(session, ref);
    const isChanged = known !== undefined && !isSameCookie(known.base['cookie'], fields['cookie']);
    return isChanged ? this.save(sid, session) : this.slide(ref, session, fields);
  }

  /** Moves the idle deadline, when it was not moved just before. */
  private async slide(ref: SessionRef, session: object, fields: SessionFields): Promise<void> {
    const { sessions, touchIntervalMs, clock } = this.settings;
    const known = this.knownOf(session, ref);
    const usedAt = clock.now();
    const minIntervalMs = Math.max(0, Math.min(touchIntervalMs, Math.floor(this.idleTimeout(fields) / 10)));
    const isRecent = known !== undefined && usedAt - known.usedAt < touchIntervalMs;
    if (isRecent && minIntervalMs === touchIntervalMs) return;
    const touched = await sessions.touch(ref, { minIntervalMs });
    if (touched.ok && known !== undefined) this.known.set(session, { ...known, usedAt });
  }

  private async end(ref: SessionRef): Promise<void> {
    await this.settings.sessions.revoke(ref, 'destroyed');
  }

  private async collect(): Promise<ExpressSession[]> {
    const all: ExpressSession[] = [];
    for await (const page of this.pages()) all.push(...page.map((one) => fieldsIn(one) as unknown as ExpressSession));
    return all;
  }

  private async count(): Promise<number> {
    let count = 0;
    for await (const page of this.pages()) count += page.length;
    return count;
  }

  private async endAll(): Promise<void> {
    for await (const page of this.pages()) await Promise.all(page.map((one) => this.end(one)));
  }

  private async *pages(): AsyncGenerator<readonly SessionSummary[]> {
    const { sessions, tenantId } = this.settings;
    let cursor: string | undefined;
    do {
      const page = await sessions.list({ tenantId }, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      yield page.items.filter((one) => fieldsIn(one) !== undefined);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /** What the object is known to stand for, if it is this session. */
  private knownOf(session: object, { id }: SessionRef): Known | undefined {
    const known = this.known.get(session);
    return known?.id === id ? known : undefined;
  }

  private idleTimeout(fields: SessionFields): number {
    const { idleTimeoutMs, lifetimeMs } = this.settings;
    return Math.min(idleTimeoutOf(fields['cookie'], idleTimeoutMs), lifetimeMs);
  }

  private refOf(sid: string): SessionRef {
    const { tenantId } = this.settings;
    const id = sessionIdFrom({ tenantId, subjectId: null }, createHash('sha256').update(sid).digest());
    return { tenantId, id };
  }

  /** An error thrown by the callback is its own, as with any callback. */
  private answer<T>(work: () => Promise<T>, callback: Callback<T> | undefined): void {
    callbackify(work)((error, value) => (callback === undefined ? this.report(error) : callback(error, value)));
  }

  private report(error: unknown): void {
    if (error !== null && this.listenerCount('error') > 0) this.emit('error', error);
  }
}
