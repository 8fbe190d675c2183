import { describe, expect, it } from '@jest/globals';
import { StoreError } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { CopyMemory, MemoryCopies } from '@mooring/simulation';
import { createFailoverStore } from './index.ts';
import type { FailoverState, FailoverStoreOptions } from './index.ts';
import { Processes, failureOf, newSession } from './processes.fixture.ts';

const CONNECTED = '✓ Connected to Redis for session storage';

function options(change: Partial<FailoverStoreOptions> = {}): FailoverStoreOptions {
  return { authority: createMemoryStore(), copies: new MemoryCopies(new CopyMemory()), ...change };
}

describe('a failover store', () => {
  it('has the name of both, and what else the authority has', async () => {
    const authority = createMemoryStore();
    const store = await createFailoverStore(options({ authority }));
    expect(store.name).toBe('memory+redis');
    expect(store.capabilities).toBe(authority.capabilities);
    const { limits, attempts, budgets, leases, pool } = store;
    for (const [name, port] of Object.entries({ limits, attempts, budgets, leases, pool })) {
      expect(port).toBe(authority[name as 'limits']);
    }
    expect((await store.ping()).latencyMs).toBe(0);
    expect((await store.sweep({ target: 'sessions', limit: 1 })).ok).toBe(true);
    await store.close();
  });

  it('closes both, once, also when one of them can not be closed', async () => {
    const closed: string[] = [];
    const authority = createMemoryStore();
    const copies = new MemoryCopies(new CopyMemory());
    copies.close = async () => {
      closed.push('copies');
      throw new StoreError({ code: 'unavailable', message: 'no', backend: 'redis', operation: 'close' });
    };
    const store = await createFailoverStore(options({ authority, copies }));
    expect(await failureOf(store.close())).toMatchObject({ code: 'unavailable' });
    expect(await failureOf(store.close())).toMatchObject({ code: 'unavailable' });
    expect(closed).toEqual(['copies']);
    expect(await failureOf(store.sessions.get(newSession()))).toMatchObject({ code: 'closed' });
  });

  it.each<Partial<FailoverStoreOptions>>([
    { maxStalenessMs: 19 },
    { maxStalenessMs: 60_001 },
    { maxStalenessMs: 100.5 },
    { copyTtlMs: 0 },
    { failuresToOpen: 0 },
    { firstRetryMs: 0 },
    { firstRetryMs: 2000, longestRetryMs: 1000 },
    { warnIntervalMs: -1 },
  ])('refuses %j, and closes nothing', async (change) => {
    const authority = createMemoryStore();
    const error = await failureOf(createFailoverStore(options({ authority, ...change })));
    expect(error).toMatchObject({ code: 'misconfigured', retryable: false });
    expect((await authority.ping()).serverTime).not.toBeNull();
  });
});

describe('what it tells', () => {
  it('the log which store is in use, the gauge since when and why', async () => {
    const processes = new Processes();
    const said: string[] = [];
    const states: FailoverState[] = [];
    const say = (message: string): void => void said.push(message);
    const observer = { onStateChange: (state: FailoverState) => void states.push(state) };
    const one = await processes.start({ log: say, warn: say, observer });
    expect(said).toEqual([CONNECTED]);
    one.copies.fault = 'before';
    for (let call = 0; call < 1000; call++) {
      await one.sessions.get(newSession());
      if (call % 100 === 0) await processes.later(300, one);
    }
    expect(said).toEqual([
      CONNECTED,
      expect.stringMatching(/^Using database for session storage\. Failed to connect to Redis: /),
    ]);
    expect(one.store.state).toMatchObject({ mode: 'degraded', reason: 'unavailable' });
    one.copies.fault = 'none';
    for (let turn = 0; turn < 100 && !one.store.usesCopies; turn++) await processes.later(600, one);
    expect(said).toHaveLength(3);
    expect(said[2]).toBe(CONNECTED);
    expect(states.map(({ mode, reason }) => [mode, reason])).toEqual([
      ['accelerated', null],
      ['degraded', 'unavailable'],
      ['accelerated', null],
    ]);
    expect(one.store.state).toBe(states[2]);
  });

  it('that it opened without its accelerator, and it comes by itself', async () => {
    const processes = new Processes();
    const said: string[] = [];
    const say = (message: string): void => void said.push(message);
    const one = await processes.start({ log: say, warn: say, isCut: true });
    expect(said).toEqual([expect.stringContaining('Using database for session storage')]);
    const session = await processes.copied(one);
    expect((await one.sessions.get(session)).ok).toBe(true);
    one.copies.fault = 'none';
    for (let turn = 0; turn < 100 && !one.store.usesCopies; turn++) await processes.later(600, one);
    expect(said).toEqual([expect.any(String), CONNECTED]);
    await processes.copied(one);
    expect(one.store.usesCopies).toBe(true);
  });

  it('a failing observer changes nothing', async () => {
    const processes = new Processes();
    const bad = (): never => {
      throw new Error('no');
    };
    const one = await processes.start({ observer: { onEvent: bad, onStateChange: bad } });
    const session = await processes.copied(one);
    expect((await one.sessions.get(session)).ok).toBe(true);
    expect((await one.sessions.revoke(session, 'logout')).ok).toBe(true);
  });
});
