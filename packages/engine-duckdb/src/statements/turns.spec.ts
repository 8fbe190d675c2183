import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.ts';

describe('turns', () => {
  it('go to at most so many, and in order', () => {
    const turns = new Turns(2, 2);
    const order: string[] = [];
    expect([turns.tryTake('a'), turns.tryTake('b'), turns.tryTake('c')]).toEqual([true, true, false]);
    turns.wait('c', () => order.push('c'));
    turns.wait('d', () => order.push('d'));
    turns.release('a');
    expect(order).toEqual(['c']);
    turns.release('b');
    expect(order).toEqual(['c', 'd']);
    expect([turns.running, turns.waiting]).toEqual([2, 0]);
  });

  it('of one tenant leave room for others, who pass those that have their share', () => {
    const turns = new Turns(3, 2);
    const order: string[] = [];
    expect([turns.tryTake('a'), turns.tryTake('a'), turns.tryTake('a')]).toEqual([true, true, false]);
    turns.wait('a', () => order.push('a'));
    expect(turns.tryTake('b')).toBe(true);
    turns.wait('c', () => order.push('c'));
    turns.release('b');
    expect(order).toEqual(['c']);
    turns.release('a');
    expect(order).toEqual(['c', 'a']);
  });

  it('are not given to those who gave up', () => {
    const turns = new Turns(1, 1);
    turns.tryTake('a');
    const giveUp = turns.wait('b', () => {
      throw new Error('gave up');
    });
    giveUp();
    giveUp();
    turns.release('a');
    expect([turns.running, turns.waiting]).toEqual([0, 0]);
    expect(turns.tryTake('a')).toBe(true);
  });
});
