import { describe, expect, it } from '@jest/globals';
import { OwnerIndexes, SequenceIndex } from './sequence-index.ts';

describe('SequenceIndex', () => {
  it('starts after or before any sequence number, present or removed', () => {
    const index = new SequenceIndex();
    for (const sequence of [2, 4, 6, 8]) index.add(sequence, `key-${sequence}`);
    index.remove(4);
    expect([...index.after(0)]).toEqual(['key-2', 'key-6', 'key-8']);
    expect([...index.after(4)]).toEqual(['key-6', 'key-8']);
    expect([...index.after(5)]).toEqual(['key-6', 'key-8']);
    expect([...index.before(6)]).toEqual(['key-2']);
    expect([...index.before(Infinity)]).toEqual(['key-8', 'key-6', 'key-2']);
  });

  it('keeps what is left while most is removed', () => {
    const index = new SequenceIndex();
    for (let sequence = 1; sequence <= 1000; sequence++) index.add(sequence, `key-${sequence}`);
    for (let sequence = 1; sequence <= 1000; sequence++) if (sequence % 100 !== 0) index.remove(sequence);
    index.remove(999);
    expect(index.size).toBe(10);
    expect([...index.after(500)]).toEqual(['key-600', 'key-700', 'key-800', 'key-900', 'key-1000']);
  });
});

describe('OwnerIndexes', () => {
  it('keeps no index that is empty', () => {
    const owners = new OwnerIndexes();
    owners.add('ann', 1, 'key');
    owners.remove('ann', 1);
    owners.remove('ann', 1);
    expect(owners.of('ann')).toBeUndefined();
  });
});
