import { isDeepStrictEqual } from 'node:util';
import type { JsonValue, SessionData, SessionSummary } from '@mooring/session-store';
import { cookieEndingAt, isSameCookie, mergeCookies } from './session-cookie.ts';

/** What an application keeps in `req.session`, its cookie included, as JSON. */
export type SessionFields = SessionData;

/** Marks a record's data as a session of express-session. */
const MARK = 'express';

/** The session as it is now: later changes of the object don't reach it. Drops what JSON drops. */
export function fieldsOf(session: object): SessionFields {
  return JSON.parse(JSON.stringify(session)) as SessionFields;
}

export function dataOf(fields: SessionFields): SessionData {
  return { [MARK]: fields };
}

/** The session in a record, or undefined when the record is of something else. */
export function fieldsIn({ data, idleExpiresAt }: SessionSummary): SessionFields | undefined {
  const fields = data[MARK] as SessionFields | undefined;
  if (typeof fields !== 'object' || fields === null) return undefined;
  const cookie = cookieEndingAt(fields['cookie'], idleExpiresAt);
  return cookie === undefined ? fields : { ...fields, cookie };
}

/** Whether nothing was changed. A new date of the cookie is no change. */
export function isSame(one: SessionFields, other: SessionFields): boolean {
  const [{ cookie, ...fields }, { cookie: otherCookie, ...otherFields }] = [one, other];
  return isSameCookie(cookie, otherCookie) && isDeepStrictEqual(fields, otherFields);
}

/** Of each field: `mine` where it differs from what it was here (`base`), else `theirs`. */
export function merge(base: SessionFields, mine: SessionFields, theirs: SessionFields): SessionFields {
  const names = new Set([...Object.keys(theirs), ...Object.keys(mine)]);
  const merged: [string, JsonValue][] = [];
  for (const name of names) {
    const one = [field(base, name), field(mine, name), field(theirs, name)] as const;
    const value = name === 'cookie' ? mergeCookies(...one) : isDeepStrictEqual(one[0], one[1]) ? one[2] : one[1];
    if (value !== undefined) merged.push([name, value]);
  }
  return Object.fromEntries(merged);
}

function field(fields: SessionFields, name: string): JsonValue | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
