/** One key from several texts. They hold no control characters, so no two lists of texts meet in one key. */
export function keyOf(...parts: readonly (string | number)[]): string {
  return parts.join('\n');
}
