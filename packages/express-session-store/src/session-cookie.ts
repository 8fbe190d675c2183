import { isDeepStrictEqual } from 'node:util';
import type { EpochMs, JsonValue } from '@mooring/session-store';

/** A cookie of express-session as JSON. */
type CookieFields = { readonly [name: string]: JsonValue };

/** express-session computes the age anew from a date with each request, and loses a millisecond now and then. */
const DRIFT_MS = 1000;

/** How long a session lives without use: the cookie's `maxAge`, or what is usual where it has none. */
export function idleTimeoutOf(cookie: JsonValue | undefined, usualMs: number): number {
  const maxAge = fieldsOf(cookie)['originalMaxAge'];
  return typeof maxAge === 'number' ? Math.ceil(maxAge) : usualMs;
}

/** The cookie with the date of when the session ends, which moves without the cookie when the session is used. */
export function cookieEndingAt(cookie: JsonValue | undefined, expiresAt: EpochMs): JsonValue | undefined {
  if (typeof fieldsOf(cookie)['expires'] !== 'string') return cookie;
  return { ...fieldsOf(cookie), expires: new Date(expiresAt).toISOString() };
}

/** Whether the settings are the same. The date is none: it moves with each request. */
export function isSameCookie(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (!isFields(one) || !isFields(other)) return isDeepStrictEqual(one, other);
  const [{ expires: _, originalMaxAge: age, ...rest }, { expires: __, originalMaxAge: otherAge, ...otherRest }] = [
    one,
    other,
  ];
  return isSameAge(age, otherAge) && isDeepStrictEqual(rest, otherRest);
}

/** The settings that were changed here, else the others'. The date is that of this use of the session. */
export function mergeCookies(
  base: JsonValue | undefined,
  mine: JsonValue | undefined,
  theirs: JsonValue | undefined,
): JsonValue | undefined {
  if (!isSameCookie(base, mine)) return mine;
  const { expires } = fieldsOf(mine);
  const isDated = typeof expires === 'string' && typeof fieldsOf(theirs)['expires'] === 'string';
  return isDated ? { ...fieldsOf(theirs), expires } : theirs;
}

function isSameAge(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (typeof one !== 'number' || typeof other !== 'number') return one === other;
  return Math.abs(one - other) < DRIFT_MS && one > 0 === other > 0;
}

function isFields(value: JsonValue | undefined): value is CookieFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(cookie: JsonValue | undefined): CookieFields {
  return isFields(cookie) ? cookie : {};
}
