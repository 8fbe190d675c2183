import { expect, it } from '@jest/globals';
import { RecentlySeen } from './recently-seen.ts';

it('keeps what was set last, up to a weight in all', () => {
  const seen = new RecentlySeen<string>(10);
  seen.set('a', 'first', 4);
  seen.set('b', 'second', 4);
  seen.set('a', 'again', 4);
  seen.set('c', 'third', 4);
  expect([seen.get('a'), seen.get('b'), seen.get('c')]).toEqual(['again', undefined, 'third']);
  seen.set('a', 'too heavy', 11);
  expect([seen.get('a'), seen.get('c')]).toEqual([undefined, 'third']);
  seen.set('d', 'as heavy as may be', 10);
  expect([seen.get('c'), seen.get('d')]).toEqual([undefined, 'as heavy as may be']);
  seen.delete('d');
  seen.set('e', 'room again', 10);
  expect(seen.get('e')).toBe('room again');
});
