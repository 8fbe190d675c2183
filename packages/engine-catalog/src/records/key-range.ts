const LAST_CODE_POINT = 0x10ffff;
const LAST_BEFORE_SURROGATES = 0xd7ff;
const FIRST_AFTER_SURROGATES = 0xe000;

/** Keys from `from` on, and before `until` where it is given, in the order of code points. */
export interface KeyRange {
  readonly from: string;
  readonly until: string | undefined;
}

/** Exactly the keys that begin with the prefix. A range needs no pattern, so that no character of a key is special. */
export function keysBeginningWith(prefix: string): KeyRange {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return { from: prefix, until: undefined };
  const next = last === LAST_BEFORE_SURROGATES ? FIRST_AFTER_SURROGATES : last + 1;
  return { from: prefix, until: String.fromCodePoint(...points, next) };
}
