import { newSessionId } from '@mooring/session-store';
import type { EpochMs, SessionData, SessionRecord, SessionStore, SessionSummary } from '@mooring/session-store';
import type { RunningQuery } from './running-queries.ts';

const RENEW_EVERY_MS = 1000;
/** What a process that died leaves is seen for so long. */
const IDLE_MS = 10_000;
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
  private triedAt: EpochMs | undefined;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly parts: RecordedQueryParts,
    private readonly query: RunningQuery,
  ) {}

  /** Writes when that is due. Never rejects. */
  keep(now: EpochMs): void {
    if (this.writing !== undefined || (this.triedAt !== undefined && now - this.triedAt < RENEW_EVERY_MS)) return;
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
    const renewed = await sessions.update(ref, version, { data: this.data(), idleTimeoutMs: IDLE_MS });
    if (renewed.ok) {
      this.stored = renewed.value;
      return;
    }
    if (renewed.reason === 'revoked') this.query.cancel('the statement was ended by KILL QUERY');
    else if (renewed.reason === 'conflict') await this.readAgain(ref);
    else this.stored = undefined;
  }

  private async create(): Promise<void> {
    const { tenantId, userId: subjectId } = this.query.start.principal;
    const id = newSessionId({ tenantId, subjectId });
    const created = await this.parts.sessions.create({
      tenantId,
      subjectId,
      id,
      data: this.data(),
      idleTimeoutMs: IDLE_MS,
      lifetimeMs: LIFETIME_MS,
    });
    if (created.ok) this.stored = created.value;
  }

  /** The answer to a write was lost. */
  private async readAgain(ref: Pick<SessionRecord, 'tenantId' | 'id'>): Promise<void> {
    const found = await this.parts.sessions.get(ref);
    this.stored = found.ok ? found.value : undefined;
  }

  private data(): SessionData {
    const { id: queryId, start, state, progress, startedAt } = this.query;
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
