import { describe, expect, it } from '@jest/globals';
import { StreamPlaces } from './stream-places.ts';
import type { StreamPlace } from './stream-places.ts';

function taken(places: StreamPlaces, one?: string): StreamPlace {
  const place = places.take(one);
  if (typeof place === 'string') throw new Error(place);
  return place;
}

describe('places', () => {
  it('are as many as was said, and each comes back once', () => {
    const places = new StreamPlaces(2);
    const first = taken(places);
    taken(places);
    expect(places.take()).toBe('full');
    first.release();
    first.release();
    expect(places.size).toBe(1);
    taken(places);
    expect(places.take()).toBe('full');
  });

  it.each([
    [1, 1],
    [8, 2],
    [1000, 20],
  ])('of %s, one has at most %s', (most, share) => {
    const places = new StreamPlaces(most);
    for (let index = 0; index < share; index += 1) taken(places, 'a');
    expect(places.take('a')).not.toBeInstanceOf(Object);
    if (most > 1) expect(places.take('b')).toBeInstanceOf(Object);
  });

  it('pass from an address to a session, when that has room', () => {
    const places = new StreamPlaces(4);
    const [one, other] = [taken(places, 'address'), taken(places, 'elsewhere')];
    expect(places.take('address')).toBe('share');
    expect(one.passTo('session')).toBe(true);
    expect(one.passTo('session')).toBe(true);
    expect(other.passTo('session')).toBe(false);
    expect(places.take('elsewhere')).toBe('share');
    taken(places, 'address');
    one.release();
    expect(one.passTo('session')).toBe(false);
    expect(other.passTo('session')).toBe(true);
  });
});
