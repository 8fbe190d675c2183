/** One thing that must hold after a drill. */
export interface Line {
  readonly name: string;
  readonly ok: boolean;
  /** What was seen: the figures where it holds, what is wrong where not. */
  readonly reason: string;
}

const SHOWN = 3;

/** Holds when nothing is wrong. */
export function lineOf(name: string, wrong: readonly string[], seen: string): Line {
  if (wrong.length === 0) return { name, ok: true, reason: seen };
  const more = wrong.length > SHOWN ? `, and ${wrong.length - SHOWN} more` : '';
  return { name, ok: false, reason: `${wrong.slice(0, SHOWN).join('; ')}${more} (${seen})` };
}
