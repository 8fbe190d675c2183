/**
 * An expected outcome as a value. Only failures of the store itself are exceptions (`StoreError`), so a caller that
 * reaches a limit is never mistaken for a broken store.
 */
export type Result<T, Reason extends string> = Ok<T> | Refused<Reason>;

export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Refused<Reason extends string> {
  readonly ok: false;
  readonly reason: Reason;
}

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

export function refused<Reason extends string>(reason: Reason): Refused<Reason> {
  return { ok: false, reason };
}
