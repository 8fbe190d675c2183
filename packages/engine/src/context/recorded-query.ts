import { newSessionId, ok } from '@mooring/session-store';
import type {
  EpochMs,
  Result,
  SessionData,
  SessionRecord,
  SessionRef,
  SessionStore,
  SessionSummary,
} from '@mooring/session-store';
import type { RunningQuery } from './running-queries.ts';

/** With the round trip, what KILL QUERY ends elsewhere is over within a second. */
const LOOK_EVERY_MS = 750;
/** What a process that died leaves is seen for so long. */
const IDLE_MS = 10_000;
/** Of a record that would say the same again. */
const RENEW_EVERY_MS = 3000;
/** Readers elsewhere see no smaller steps. */
const PROGRESS_STEPS = 100;
/** A statement that lasts longer is recorded anew. */
const LIFETIME_MS = 86_400_000;
const TEXT_KEPT = 1000;
const TYPE = 'running_statement';

/** A statement as other processes see it: what `system.queries` shows, and which process has it. */
export interface QueryRecord {
  readonly queryId: string;
  readonly process: string;
  readonly kind: string;
  readonly statement: string;
  readonly namespace: string | null;
  readonly sessionId: string | null;
  readonly clientAddress: string | null;
  readonly state: RunningQuery['state'];
  readonly progress: number | null;
  readonly startedAt: EpochMs;
}

export interface RecordedQueryParts {
  readonly sessions: SessionStore;
  readonly process: string;
  readonly onFailure: (error: unknown) => void;
}

/** Keeps the record of one statement of this process for as long as it runs, one write at a time. */
export class RecordedQuery {
  private stored: Pick<SessionRecord, 'id' | 'version'> | undefined;
  /** The same however often it is tried, so that an ending is not lost with the answer to a creation. */
  private id: string;
  /** What the stored record says, as text. */
  private said = '';
  private triedAt: EpochMs | undefined;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly parts: RecordedQueryParts,
    private readonly query: RunningQuery,
  ) {
    this.id = this.newId();
  }

  /** Looks whether the record was revoked when that is due, and writes what changed. Never rejects. */
  keep(now: EpochMs): void {
    if (this.writing !== undefined || (this.triedAt !== undefined && now - this.triedAt < LOOK_EVERY_MS)) return;
    this.triedAt = now;
    this.writing = this.write()
      .catch(this.parts.onFailure)
      .finally(() => (this.writing = undefined));
  }

  /** Where this fails, the record's idle deadline ends it. Never rejects. */
  async end(): Promise<void> {
    await this.writing;
    if (this.stored === undefined) return;
    const { id, version } = this.stored;
    try {
      await this.parts.sessions.update({ tenantId: this.tenantId, id }, version, { idleTimeoutMs: 1 });
    } catch (error) {
      this.parts.onFailure(error);
    }
  }

  private get tenantId(): string {
    return this.query.start.principal.tenantId;
  }

  private async write(): Promise<void> {
    if (this.stored === undefined) return this.create();
    const { id, version } = this.stored;
    const { sessions } = this.parts;
    const ref = { tenantId: this.tenantId, id };
    const data = this.data();
    const renewed =
      JSON.stringify(data) === this.said
        ? await this.touch(ref)
        : await sessions.update(ref, version, { data, idleTimeoutMs: IDLE_MS });
    if (renewed.ok) this.keepStored(renewed.value, data);
    else if (renewed.reason === 'conflict') await this.readAgain(ref);
    else this.lost(renewed.reason);
  }

  private lost(reason: string): void {
    if (reason === 'revoked') return this.query.cancel('the statement was ended by KILL QUERY');
    this.stored = undefined;
    this.id = this.newId();
  }

  private async create(): Promise<void> {
    const { id, tenantId } = this;
    const data = this.data();
    const created = await this.parts.sessions.create({
      tenantId,
      subjectId: this.query.start.principal.userId,
      id,
      data,
      idleTimeoutMs: IDLE_MS,
      lifetimeMs: LIFETIME_MS,
    });
    if (created.ok) this.keepStored(created.value, data);
    else await this.readAgain({ tenantId, id });
  }

  private newId(): string {
    const { tenantId, userId: subjectId } = this.query.start.principal;
    return newSessionId({ tenantId, subjectId });
  }

  /** A read, but where the record is to live on. */
  private async touch(ref: SessionRef): Promise<Result<SessionRecord, string>> {
    const touched = await this.parts.sessions.touch(ref, { minIntervalMs: RENEW_EVERY_MS });
    return touched.ok ? ok(touched.value.session) : touched;
  }

  private keepStored(stored: SessionRecord, data: SessionData): void {
    this.stored = stored;
    this.said = JSON.stringify(data);
  }

  /** The answer to a write was lost. */
  private async readAgain(ref: Pick<SessionRecord, 'tenantId' | 'id'>): Promise<void> {
    const found = await this.parts.sessions.get(ref);
    if (found.ok) this.stored = found.value;
    else this.lost(found.reason);
  }

  private data(): SessionData {
    const { id: queryId, start, state, startedAt } = this.query;
    const progress =
      this.query.progress === null ? null : Math.floor(this.query.progress * PROGRESS_STEPS) / PROGRESS_STEPS;
    const { kind, namespace = null, sessionId = null, clientAddress = null } = start;
    const statement = shownStatement(start.statement);
    const shown = { queryId, kind, statement, namespace, sessionId, clientAddress, state, progress, startedAt };
    return { type: TYPE, process: this.parts.process, ...shown };
  }
}

/** Undefined of a session that is something else. */
export function recordOfQuery({ data }: SessionSummary): QueryRecord | undefined {
  return data['type'] === TYPE ? (data as unknown as QueryRecord) : undefined;
}

/** The beginning of a statement, without half a character at its end, which stores don't take. */
export function shownStatement(text: string): string {
  return text.slice(0, TEXT_KEPT).replace(/\p{Cs}$/u, '');
}
