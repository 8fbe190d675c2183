import { describe, expect, it } from '@jest/globals';
import { Capacity } from './capacity.ts';
import { Table } from './table.ts';

interface Row {
  readonly name: string;
  readonly endsAt: number;
}

function tableOf(maxEntries = 1000): { table: Table<Row>; capacity: Capacity; removed: string[]; looks: () => number } {
  const capacity = new Capacity(maxEntries, Number.MAX_SAFE_INTEGER);
  const removed: string[] = [];
  let looks = 0;
  const table = new Table<Row>(
    {
      deadline: ({ endsAt }) => {
        looks++;
        return endsAt;
      },
      characters: ({ name }) => name.length,
      removed: ({ name }) => void removed.push(name),
    },
    { capacity, makeRoom: () => {}, deadlineAt: () => {} },
  );
  return { table, capacity, removed, looks: () => looks };
}

describe('Table', () => {
  it('sweeps the oldest first and says what is left', () => {
    const { table, removed } = tableOf();
    for (const endsAt of [30, 10, 20, 40]) table.put(`row-${endsAt}`, { name: `row-${endsAt}`, endsAt });
    expect(table.sweep(35, 2)).toEqual({ deleted: 2, more: true, oldestExpiredAgeMs: 25 });
    expect(removed).toEqual(['row-10', 'row-20']);
    expect(table.sweep(35, 2)).toEqual({ deleted: 1, more: false, oldestExpiredAgeMs: 5 });
    expect(table.sweep(35, 2)).toEqual({ deleted: 0, more: false, oldestExpiredAgeMs: null });
    expect(table.size).toBe(1);
  });

  it('follows deadlines that move closer or on', () => {
    const { table } = tableOf();
    table.put('closer', { name: 'closer', endsAt: 100 });
    table.put('closer', { name: 'closer', endsAt: 10 });
    table.put('on', { name: 'on', endsAt: 10 });
    table.put('on', { name: 'on', endsAt: 100 });
    expect(table.sweep(50, 10).deleted).toBe(1);
    expect(table.get('closer')).toBeUndefined();
    expect(table.sweep(99, 10).deleted).toBe(0);
    expect(table.sweep(100, 10).deleted).toBe(1);
  });

  it('looks at a bounded number of rows in a sweep, and gets on with each', () => {
    const { table, looks } = tableOf();
    for (let index = 0; index < 500; index++) table.put(`row-${index}`, { name: 'row', endsAt: 10 });
    for (let index = 0; index < 499; index++) table.put(`row-${index}`, { name: 'row', endsAt: 1000 });
    const before = looks();
    let sweeps = 1;
    for (; table.sweep(50, 5).more; sweeps++) expect(looks() - before).toBeLessThanOrEqual(60 * sweeps);
    expect(sweeps).toBeGreaterThan(5);
    expect(table.size).toBe(499);
  });

  it('gives back what a row took when it goes or shrinks', () => {
    const { table, capacity } = tableOf();
    table.put('row', { name: 'x'.repeat(100), endsAt: 10 });
    const large = capacity.bytes;
    table.put('row', { name: 'x', endsAt: 10 });
    expect(large - capacity.bytes).toBe(198);
    table.delete('row');
    table.delete('row');
    expect([capacity.entries, capacity.bytes]).toEqual([0, 0]);
  });

  it('refuses a row too many, however it comes, and replaces without asking', () => {
    const { table } = tableOf(1);
    table.insert('insert', 'row', { name: 'row', endsAt: 10 });
    expect(table.offer('other', { name: 'other', endsAt: 10 })).toBe(false);
    const throttled = expect.objectContaining({ code: 'throttled', operation: 'op' });
    expect(() => table.insert('op', 'other', { name: 'other', endsAt: 10 })).toThrow(throttled);
    expect(() => table.grow('op', 'other', { name: 'other', endsAt: 10 })).toThrow(throttled);
    table.grow('op', 'row', { name: 'row, longer', endsAt: 10 });
    expect(table.size).toBe(1);
  });
});
