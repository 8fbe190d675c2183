import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ProblemError } from '@mooring/nest-runtime';
import { storeToken } from '@mooring/nest-session-store';
import { StoreError, newSessionId, sessionIdFrom } from '@mooring/session-store';
import type { SessionRecord, SessionSummary, StoreBackend } from '@mooring/session-store';
import type { Principal } from '../api-tokens.ts';
import { fromData, toData } from './query-record.ts';
import type { QueryRecord } from './query-record.ts';

/** The store, and the namespace in it, that queries are kept in. */
export const QUERY_STORE = 'queries';

/** As long as the warehouse keeps results. */
const KEPT_MS = 24 * 3600 * 1000;

export interface StoredQuery {
  readonly id: string;
  readonly version: number;
  readonly record: QueryRecord;
}

/** A query is a session record of its user: another user's id, or another tenant's, is not found. */
@Injectable()
export class QueryRecords {
  constructor(@Inject(storeToken(QUERY_STORE)) private readonly store: StoreBackend) {}

  newId({ tenantId, userId }: Principal): string {
    return newSessionId({ tenantId, subjectId: userId });
  }

  /** The same for the same key of the same user, in every process. */
  idOfKey({ tenantId, userId }: Principal, key: string): string {
    const hash = createHash('sha256')
      .update(JSON.stringify(['idempotency-key', tenantId, userId, key]))
      .digest();
    return sessionIdFrom({ tenantId, subjectId: userId }, hash);
  }

  /** `exists` when the id was used before: of many that create it at once, one does. */
  async create(owner: Principal, id: string, record: QueryRecord): Promise<StoredQuery | 'exists'> {
    const created = await this.store.sessions.create({
      tenantId: owner.tenantId,
      subjectId: owner.userId,
      id,
      data: toData(record),
      idleTimeoutMs: KEPT_MS,
      lifetimeMs: KEPT_MS,
    });
    return created.ok ? storedOf(created.value) : 'exists';
  }

  async find(owner: Principal, id: string): Promise<StoredQuery | undefined> {
    let found;
    try {
      found = await this.store.sessions.get({ tenantId: owner.tenantId, id });
    } catch (error) {
      if (error instanceof StoreError && error.code === 'invalid_argument') return undefined;
      throw error;
    }
    return found.ok && found.value.subjectId === owner.userId ? storedOf(found.value) : undefined;
  }

  /** Undefined when it changed, or went away, since it was read. */
  async replace(owner: Principal, query: StoredQuery, record: QueryRecord): Promise<StoredQuery | undefined> {
    const ref = { tenantId: owner.tenantId, id: query.id };
    const updated = await this.store.sessions.update(ref, query.version, { data: toData(record) });
    return updated.ok ? storedOf(updated.value) : undefined;
  }

  /** The user's queries, newest first. */
  async list(
    owner: Principal,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{ readonly queries: StoredQuery[]; readonly cursor?: string }> {
    try {
      const { items, cursor } = await this.store.sessions.list(
        { tenantId: owner.tenantId, subjectId: owner.userId },
        { limit: page.limit, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) },
      );
      return { queries: items.map(storedOf), ...(cursor === undefined ? {} : { cursor }) };
    } catch (error) {
      if (page.cursor !== undefined && error instanceof StoreError && error.code === 'invalid_argument') {
        throw invalidCursor(error);
      }
      throw error;
    }
  }
}

export function invalidCursor(cause?: unknown): ProblemError {
  return new ProblemError(
    'invalid_cursor',
    'The cursor is none of this list; take it from the page before, unchanged.',
    {
      errors: [{ parameter: 'cursor', detail: 'is none that this list gave' }],
      cause,
    },
  );
}

function storedOf({ id, version, data }: SessionRecord | SessionSummary): StoredQuery {
  return { id, version, record: fromData(data) };
}
