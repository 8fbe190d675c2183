/** The path of a request target without its query, which may hold values that nobody should log. */
export function pathOf(target: string | undefined): string {
  return (target ?? '').split(/[?#]/, 1)[0] ?? '';
}
