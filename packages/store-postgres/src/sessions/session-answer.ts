import type { Liveness, SessionData, SessionRecord, SessionRef } from '@mooring/session-store';
import { corrupt } from '../errors.ts';

/** An answer of a statement on sessions: one JSON list in one text, or null or no row where there is no session. */
export interface AnswerRow {
  readonly answer: string | null;
}

export type SessionState = 'live' | Liveness;
export type Standing = 'current' | 'previous' | 'retired' | 'mismatch';

/** State, standing, then the record where it is to be answered, then the id where that is not known. */
type SessionList = readonly [
  state: SessionState | 'conflict',
  standing?: Standing | null,
  subjectId?: string | null,
  data?: unknown,
  version?: number,
  createdAt?: number,
  authenticatedAt?: number,
  lastSeenAt?: number,
  idleTimeoutMs?: number,
  idleExpiresAt?: number,
  absoluteExpiresAt?: number,
  verifier?: string | null,
  rotatedAt?: number | null,
  id?: string,
];

export class SessionAnswer {
  private readonly list: SessionList;

  constructor(
    private readonly operation: string,
    text: string,
  ) {
    this.list = parsed(operation, text) as SessionList;
  }

  get state(): SessionState | 'conflict' {
    return this.list[0];
  }

  get standing(): Standing | null {
    return this.list[1] ?? null;
  }

  /** Of a list, where each answer says whose it is. */
  get id(): string {
    return this.list[13] ?? '';
  }

  record({ tenantId, id }: SessionRef): SessionRecord {
    const [, , subjectId = null, data, version, createdAt, authenticatedAt, lastSeenAt, ...more] = this.list;
    const [idleTimeoutMs, idleExpiresAt, absoluteExpiresAt, verifier = null, rotatedAt = null] = more;
    return {
      tenantId,
      id,
      subjectId,
      data: asData(this.operation, data),
      version: this.whole(version),
      createdAt: this.whole(createdAt),
      authenticatedAt: this.whole(authenticatedAt),
      lastSeenAt: this.whole(lastSeenAt),
      idleTimeoutMs: this.whole(idleTimeoutMs),
      idleExpiresAt: this.whole(idleExpiresAt),
      absoluteExpiresAt: this.whole(absoluteExpiresAt),
      verifier,
      rotatedAt: rotatedAt === null ? null : this.whole(rotatedAt),
    };
  }

  /** Neither missing nor rounded. */
  private whole(value: number | undefined): number {
    if (value === undefined || !Number.isSafeInteger(value)) throw corrupt(this.operation, 'a number beyond 2^53');
    return value;
  }
}

/** The data of a session as whoever reads it gets it: no key of it is the caller's own object. */
export function dataOf(operation: string, json: string): SessionData {
  return asData(operation, parsed(operation, json));
}

function parsed(operation: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw corrupt(operation, 'it is not JSON');
  }
}

function asData(operation: string, data: unknown): SessionData {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw corrupt(operation, 'its data is not a JSON object');
  }
  return data as SessionData;
}
