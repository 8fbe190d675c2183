import type { SessionRecord, SessionRef } from './session.ts';

/** What a search for a copy found. */
export interface FoundCopy {
  /** Absent when there is no copy, or none that counts. */
  readonly record?: SessionRecord;
  /** What `keep` compares, to drop a copy of what was changed since. Opaque. */
  readonly marks: string;
}

/** A copy to keep. */
export interface SessionCopy {
  /** The epoch in which the session was read. The copy counts in no other. */
  readonly epoch: string;
  readonly record: SessionRecord;
  /** Of the search before the session was read at the authority. */
  readonly marks: string;
  /** After this the copy is garbage, 1 or more. */
  readonly ttlMs: number;
}

/**
 * Copies of sessions in a memory that is near and quick, and may lose them: to eviction, to a restart, to a failover. An
 * optional power of an adapter, beside `StoreBackend`. Which copies may be believed is decided elsewhere; a copy that is
 * missing is never an error. Each operation is one round trip and ends in time, with an answer or a `StoreError`.
 */
export interface SessionCopies {
  /** Of the backend, such as `redis`. */
  readonly name: string;

  /**
   * Grows whenever it is uncertain that the next answer comes from the memory that the last one came from: a connection
   * was lost, or another server took over. It has grown before such an answer is given.
   */
  readonly interruptions: number;

  /**
   * Names the memory that answers. Two answers are equal only if nothing can have been wound back in between: another
   * server, a restart, and a replica that took over each have another name.
   */
  incarnation(): Promise<string>;

  /** The copy of this session that was kept in this epoch. */
  find(epoch: string, ref: SessionRef): Promise<FoundCopy>;

  /** Keeps a copy if its marks still stand, else nothing. Answers whether it did. The record is read at once. */
  keep(copy: SessionCopy): Promise<boolean>;

  /**
   * Deletes the copy of a session that was changed, so that no `keep` with older marks puts it back. `successor` is a copy
   * of what it was changed to; it is kept if nothing else was forgotten since its marks.
   */
  forget(ref: SessionRef, successor?: SessionCopy): Promise<void>;

  /** As `forget`, of all sessions of a subject, known or not. May forget those of others too. */
  forgetSubject(tenantId: string, subjectId: string): Promise<void>;

  /** Closes what was opened here. Later operations fail with `closed`. */
  close(): Promise<void>;
}

export const SessionCopies = Symbol('SessionCopies');
