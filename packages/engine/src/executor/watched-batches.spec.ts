import { describe, expect, it } from '@jest/globals';
import type { RowBatch } from '../values.ts';
import { WatchedBatches } from './watched-batches.ts';

const batchOf = (value: number): RowBatch => ({ rowCount: 1, values: [[value]] });

function batches(log: string[], failure?: Error): AsyncIterable<RowBatch> {
  return (async function* () {
    try {
      yield batchOf(1);
      if (failure !== undefined) throw failure;
      yield batchOf(2);
    } finally {
      log.push('inner closed');
    }
  })();
}

async function read(iterable: AsyncIterable<RowBatch>, most = Infinity): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const batch of iterable) if (values.push(batch.values[0]?.[0]) === most) break;
  return values;
}

describe('WatchedBatches', () => {
  it.each([
    ['read to their end', Infinity, [1, 2]],
    ['left', 1, [1]],
  ])('tells their end once they are %s, and what they are of has ended', async (_, most, expected) => {
    const log: string[] = [];
    const ended = async (failure?: unknown): Promise<void> => void log.push(`ended ${String(failure)}`);
    expect(await read(new WatchedBatches(batches(log), { ended }), most)).toEqual(expected);
    expect(log).toEqual(['inner closed', 'ended undefined']);
  });

  it('tells with what they failed, and fails with it after that', async () => {
    const log: string[] = [];
    const failure = new Error('of the engine');
    const ended = async (told?: unknown): Promise<void> => void log.push(told === failure ? 'told' : 'not told');
    await expect(read(new WatchedBatches(batches(log, failure), { ended }))).rejects.toBe(failure);
    expect(log).toEqual(['inner closed', 'told']);
  });

  it('fail with what their watch throws at a batch, and leave what they are of', async () => {
    const log: string[] = [];
    const failure = new Error('cancelled');
    const seen = (): void => {
      throw failure;
    };
    const ended = async (told?: unknown): Promise<void> => void log.push(told === failure ? 'told' : 'not told');
    await expect(read(new WatchedBatches(batches(log), { seen, ended }))).rejects.toBe(failure);
    expect(log).toEqual(['inner closed', 'told']);
  });

  it('fail with what made the reader leave, whatever comes of leaving', async () => {
    const failure = new Error('cancelled');
    const failing: AsyncIterable<RowBatch> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: batchOf(1) }),
        return: () => Promise.reject(new Error('of the engine')),
      }),
    };
    const told: unknown[] = [];
    const seen = (): void => {
      throw failure;
    };
    const ended = async (failedWith?: unknown): Promise<void> => void told.push(failedWith);
    await expect(read(new WatchedBatches(failing, { seen, ended }))).rejects.toBe(failure);
    expect(told).toEqual([failure]);
  });

  it('that are left before the first one tell their end', async () => {
    const log: string[] = [];
    const ended = async (): Promise<void> => void log.push('ended');
    await new WatchedBatches(batches([]), { ended }).return();
    expect(log).toEqual(['ended']);
  });
});
