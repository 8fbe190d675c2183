import { describe, expect, it } from '@jest/globals';
import { memory } from '../backends/memory.ts';
import { sqlite } from '../backends/sqlite.ts';
import { footprintChecks, footprintRows } from './footprint-figures.ts';
import { measureFootprint, type Footprint } from './footprint.ts';

const quiet = (): void => undefined;

const FOOTPRINT: Footprint = {
  few: { sessions: 100, bytes: 50_000 },
  many: { sessions: 1000, bytes: 400_000 },
  emptyBytes: 40_000,
  againBytes: 400_000,
  peers: [{ name: 'connect-redis', bytes: 30_000 }],
};

describe('measureFootprint', () => {
  it.each([memory, sqlite])('sees a store grow', async (backend) => {
    const server = await backend.start({ durable: false });
    const footprint = await measureFootprint(server, 500, 3000, quiet);
    await server.stop();
    expect(footprint.few.sessions).toBe(500);
    expect(footprint.many.bytes).toBeGreaterThan(footprint.few.bytes);
    expect(footprint.many.bytes / 3000).toBeGreaterThan(200);
    expect(footprint.peers).toEqual([]);
  });
});

describe('footprintRows', () => {
  it('has bytes of one, next to the peers, then what is left of all', () => {
    expect(footprintRows('redis', [FOOTPRINT]).map(({ arm, p50, ratio }) => [arm, p50, ratio.median])).toEqual([
      ['mooring', 500, 2.5],
      ['connect-redis', 300, 1.5],
      ['mooring', 400, 2],
      ['full', 400_000, 1],
      ['all expired and swept', 40_000, 0.1],
      ['as many again', 400_000, 1],
    ]);
  });
});

describe('footprintChecks', () => {
  it('reports a store that keeps growing', () => {
    expect(footprintChecks('redis', [FOOTPRINT])[0]).toMatchObject({ value: 1, ok: true });
    const grown = { ...FOOTPRINT, againBytes: 500_000 };
    expect(footprintChecks('redis', [FOOTPRINT, grown])[0]).toMatchObject({ value: 1.25, ok: false });
  });
});
