import { createHash } from 'node:crypto';
import { StoreError, newSessionId, ok, refused, sessionIdFrom } from '@mooring/session-store';
import type {
  EpochMs,
  PageRequest,
  Result,
  SessionOwner,
  SessionRecord,
  SessionStore,
  SessionSummary,
} from '@mooring/session-store';
import { fromData, isRunOver, toData } from './run-record.ts';
import type { RunRecord } from './run-record.ts';

/** The namespace of the store that runs are kept in. */
export const RUNS_NAMESPACE = 'tasks';

const TENANT = 'mooring';
const ATTEMPTS = 5;
const KEPT_MS = 30 * 86_400_000;

export interface StoredRun {
  readonly id: string;
  readonly version: number;
  readonly record: RunRecord;
}

export interface RunPage {
  readonly runs: readonly StoredRun[];
  readonly cursor?: string;
}

/** A run is a session record of its task, so every process sees every run and the sweep takes the old ones. */
export class RunRecords {
  constructor(
    private readonly sessions: SessionStore,
    /** Of those that it creates. */
    private readonly keptMs = KEPT_MS,
  ) {}

  newId(task: string): string {
    return newSessionId({ tenantId: TENANT, subjectId: task });
  }

  /** The same in every process. */
  idOfSlot(task: string, dueAt: EpochMs): string {
    const hash = createHash('sha256')
      .update(JSON.stringify([task, dueAt]))
      .digest();
    return sessionIdFrom({ tenantId: TENANT, subjectId: task }, hash);
  }

  /** `exists`: of many processes that create it at once, one does. */
  async create(id: string, record: RunRecord): Promise<StoredRun | 'exists'> {
    const created = await this.sessions.create({
      tenantId: TENANT,
      subjectId: record.task,
      id,
      data: toData(record),
      idleTimeoutMs: this.keptMs,
      lifetimeMs: this.keptMs,
    });
    return created.ok ? storedOf(created.value) : 'exists';
  }

  /** Undefined also of what is no id. */
  async find(id: string): Promise<StoredRun | undefined> {
    try {
      const found = await this.sessions.get({ tenantId: TENANT, id });
      return found.ok ? storedOf(found.value) : undefined;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'invalid_argument') return undefined;
      throw error;
    }
  }

  /** Undefined when it changed, or went away, since it was read. */
  async replace({ id, version }: StoredRun, record: RunRecord): Promise<StoredRun | undefined> {
    const updated = await this.sessions.update({ tenantId: TENANT, id }, version, { data: toData(record) });
    return updated.ok ? storedOf(updated.value) : undefined;
  }

  /**
   * Ends a run that is not over, for good. The process that is at it leaves it when it next writes down how far it is.
   *
   * @throws StoreError
   */
  async kill(id: string, now: EpochMs): Promise<Result<StoredRun, 'not_found' | 'over' | 'changed'>> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const found = await this.find(id);
      if (found === undefined) return refused('not_found');
      if (isRunOver(found.record)) return refused('over');
      const killed = await this.replace(found, { ...found.record, status: 'killed', updatedAt: now, endedAt: now });
      if (killed !== undefined) return ok(killed);
    }
    return refused('changed');
  }

  /** Runs of a task, newest first. @throws StoreError `invalid_argument` of a cursor that no list gave */
  list(task: string, page: PageRequest): Promise<RunPage> {
    return this.pageOf({ tenantId: TENANT, subjectId: task }, page);
  }

  /** Runs of all tasks, in a stable order. @throws StoreError */
  listAll(page: PageRequest): Promise<RunPage> {
    return this.pageOf({ tenantId: TENANT }, page);
  }

  private async pageOf(owner: SessionOwner, page: PageRequest): Promise<RunPage> {
    const { items, cursor } = await this.sessions.list(owner, page);
    return { runs: items.map(storedOf), ...(cursor === undefined ? {} : { cursor }) };
  }
}

function storedOf({ id, version, data }: SessionRecord | SessionSummary): StoredRun {
  return { id, version, record: fromData(data) };
}
