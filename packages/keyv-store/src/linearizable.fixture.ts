/** An operation on one key as its caller saw it: when it began, when it ended, and what came out. */
export interface Observed {
  readonly begin: number;
  readonly end: number;
  readonly kind: 'set' | 'delete' | 'get';
  /** What was set, or what was read. */
  readonly value?: string | undefined;
  /** Whether a deletion found something. */
  readonly existed?: boolean;
}

/** What a key holds after the operation, or null when the operation can't have come out so on what it held before. */
function after(held: string | undefined, { kind, value, existed }: Observed): { held: string | undefined } | null {
  if (kind === 'set') return { held: value };
  if (kind === 'get') return held === value ? { held } : null;
  return existed === (held !== undefined) ? { held: undefined } : null;
}

/**
 * Whether there is one order of all operations that explains what each came out as, in which an operation that ended
 * before another began comes first. Tries the orders (Wing and Gong's check), each state once.
 */
export function isLinearizable(history: readonly Observed[]): boolean {
  const seen = new Set<string>();
  const explain = (left: readonly Observed[], held: string | undefined): boolean => {
    if (left.length === 0) return true;
    const state = JSON.stringify([held, left.map((one) => history.indexOf(one))]);
    if (seen.has(state)) return false;
    seen.add(state);
    const firstEnd = Math.min(...left.map(({ end }) => end));
    return left.some((one) => {
      const next = one.begin < firstEnd ? after(held, one) : null;
      return (
        next !== null &&
        explain(
          left.filter((other) => other !== one),
          next.held,
        )
      );
    });
  };
  return explain(history, undefined);
}
