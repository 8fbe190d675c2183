/** The extended result code of a failure that SQLite reported (sqlite.org/rescode.html). */
export function resultCodeOf(cause: unknown): number | undefined {
  const result = (cause as { errcode?: unknown } | null)?.errcode;
  return typeof result === 'number' ? result : undefined;
}

/** Without what extends it. */
export function primaryCode(result: number): number {
  return result & 0xff;
}

/** Another connection has the lock, or recovers the file after a crash: the same statement may succeed later. */
export function isBusy(cause: unknown): boolean {
  const result = resultCodeOf(cause);
  return result !== undefined && [5, 6, 15].includes(primaryCode(result));
}
