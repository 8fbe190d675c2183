import { describe, expect, it } from '@jest/globals';
import { StoreError } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { SimulatedWarehouse } from '@mooring/simulation';
import { createMemoryStore } from '@mooring/store-memory';
import { resolveOptions } from '../options.ts';
import { KeyedSessions } from './keyed-sessions.ts';
import type { PoolLinks } from './keyed-sessions.ts';
import { SessionCare } from './session-care.ts';

const clock = new ManualClock();
const random = (): number => 0.5;
const key = { target: 'main', tenantId: 'acme', identity: 'ann' };

/** Nobody waits any longer than this, and what nobody has is forgotten: `left` counts how often. */
async function waitFor(ask: PoolLinks['ask'], overflow: 'wait' | 'reject'): Promise<{ left: number }> {
  const seen = { left: 0 };
  const nothing = async (): Promise<void> => undefined;
  const care = new SessionCare(new SimulatedWarehouse(clock, random), clock, {}, random);
  const parts = {
    store: createMemoryStore({ clock }).pool,
    clock,
    options: resolveOptions({}),
    observer: {},
    random,
    care,
  };
  const sessions = new KeyedSessions(key, parts, {
    ask,
    giveBack: nothing,
    expire: nothing,
    giveUp: nothing,
    forget: () => undefined,
    makeRoom: async () => false,
    whenRoom: () => () => undefined,
    emptied: () => {
      seen.left += 1;
    },
  });
  const refused = expect(sessions.acquire({ overflow, waitTimeoutMs: 1_000 })).rejects.toThrow();
  await clock.advance(2_000);
  await refused;
  return seen;
}

describe('a key that nobody has anything of', () => {
  it('is forgotten when the store failed', async () => {
    const down = new StoreError({ code: 'unavailable', message: 'down', backend: 'test', operation: 'pool.acquire' });
    expect((await waitFor(() => Promise.reject(down), 'wait')).left).toBeGreaterThan(0);
  });

  it('is forgotten when there was no session, and nobody waited for one', async () => {
    expect((await waitFor(async () => 'key_full', 'reject')).left).toBeGreaterThan(0);
  });
});
