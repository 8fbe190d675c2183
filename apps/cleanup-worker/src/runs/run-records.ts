import { createHash } from 'node:crypto';
import { ProblemError } from '@mooring/nest-runtime';
import { StoreError, newSessionId, sessionIdFrom } from '@mooring/session-store';
import type { EpochMs, SessionRecord, SessionStore, SessionSummary } from '@mooring/session-store';
import { fromData, toData } from './run-record.ts';
import type { RunRecord } from './run-record.ts';

/** The namespace of the store that runs are kept in. */
export const TASKS_NAMESPACE = 'tasks';

const TENANT = 'mooring';

export interface StoredRun {
  readonly id: string;
  readonly version: number;
  readonly record: RunRecord;
}

/** A run is a session record of its task, so every process sees every run and the sweep takes the old ones. */
export class RunRecords {
  constructor(
    private readonly sessions: SessionStore,
    private readonly keptMs: number,
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

  async find(id: string): Promise<StoredRun | undefined> {
    const found = await this.sessions.get({ tenantId: TENANT, id });
    return found.ok ? storedOf(found.value) : undefined;
  }

  /** Undefined when it changed, or went away, since it was read. */
  async replace({ id, version }: StoredRun, record: RunRecord): Promise<StoredRun | undefined> {
    const updated = await this.sessions.update({ tenantId: TENANT, id }, version, { data: toData(record) });
    return updated.ok ? storedOf(updated.value) : undefined;
  }

  /** Runs of a task, newest first. */
  async list(
    task: string,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{ readonly runs: StoredRun[]; readonly cursor?: string }> {
    const { limit, cursor: after } = page;
    try {
      const { items, cursor } = await this.sessions.list(
        { tenantId: TENANT, subjectId: task },
        { limit, ...(after === undefined ? {} : { cursor: after }) },
      );
      return { runs: items.map(storedOf), ...(cursor === undefined ? {} : { cursor }) };
    } catch (error) {
      if (after === undefined || !(error instanceof StoreError) || error.code !== 'invalid_argument') throw error;
      const errors = [{ parameter: 'cursor', detail: 'is none that this list gave' }];
      throw new ProblemError('invalid_cursor', 'Take the cursor from the page before, unchanged.', {
        errors,
        cause: error,
      });
    }
  }
}

function storedOf({ id, version, data }: SessionRecord | SessionSummary): StoredRun {
  return { id, version, record: fromData(data) };
}
