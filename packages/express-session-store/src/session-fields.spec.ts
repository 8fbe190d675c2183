import { describe, expect, it } from '@jest/globals';
import { merge } from './session-fields.ts';

describe('merging fields', () => {
  it.each([
    ['changed here', { a: 1 }, { a: 2 }, { a: 1 }, { a: 2 }],
    ['changed there', { a: 1 }, { a: 1 }, { a: 2 }, { a: 2 }],
    ['changed on both sides', { a: 1 }, { a: 2 }, { a: 3 }, { a: 2 }],
    ['added here', {}, { a: 1 }, {}, { a: 1 }],
    ['added there', {}, {}, { a: 1 }, { a: 1 }],
    ['removed here', { a: 1 }, {}, { a: 1 }, {}],
    ['removed there', { a: 1 }, { a: 1 }, {}, {}],
    ['removed here, changed there', { a: 1 }, {}, { a: 2 }, {}],
    ['changed here, removed there', { a: 1 }, { a: 2 }, {}, { a: 2 }],
    ['the same below, in another order', { a: { x: 1, y: [2] } }, { a: { y: [2], x: 1 } }, { a: 0 }, { a: 0 }],
    ['set to null here', { a: 1 }, { a: null }, { a: 1 }, { a: null }],
    ['a new date of the cookie alone', cookies(1, 9), cookies(1, 8), cookies(2, 7), cookies(2, 8)],
    ['another cookie here', cookies(1, 9), cookies(3, 8), cookies(2, 7), cookies(3, 8)],
    ['a cookie that the browser forgets', cookies(1, 9), cookies(1, 8), cookies(null, null), cookies(null, null)],
  ])('takes what was %s', (_, base, mine, theirs, merged) => {
    expect(merge(base, mine, theirs)).toEqual(merged);
  });

  it('takes names of an object’s prototype as names', () => {
    const named = (value: number): object => JSON.parse(`{"__proto__":${value},"constructor":${value}}`) as object;
    expect(merge({}, named(1) as never, {})).toEqual(named(1));
    expect(merge({}, {}, {})).toEqual({});
    expect(merge(named(1) as never, {}, named(1) as never)).toEqual({});
  });
});

function cookies(hours: number | null, day: number | null) {
  const expires = day === null ? null : `2026-11-0${day}T00:00:00.000Z`;
  return { cookie: { originalMaxAge: hours === null ? null : hours * 3_600_000, expires, path: '/' } };
}
