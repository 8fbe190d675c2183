import { describe, expect, it } from '@jest/globals';
import type { Clock, StoreBackend } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { conformance, failedChecks } from './conformance.ts';
import type { OptOut } from './conformance.ts';
import { runCheck } from './harness.ts';
import type { ConformanceHarness } from './harness.ts';
import { TOPICS } from './topics/topics.ts';
import type { Topic } from './topics/topics.ts';

const memory: ConformanceHarness = {
  name: 'memory',
  capabilities: createMemoryStore().capabilities,
  open: async (options) => createMemoryStore(options),
};

/** A runner that only remembers what it was told. */
function recorded(harness: ConformanceHarness, optOut?: OptOut): Map<string, Map<string, () => Promise<void>>> {
  const suites = new Map<string, Map<string, () => Promise<void>>>();
  let current = new Map<string, () => Promise<void>>();
  conformance(
    {
      describe(name, body) {
        suites.set(name, (current = new Map()));
        body();
      },
      it: (name, body) => void current.set(name, body),
    },
    harness,
    optOut,
  );
  return suites;
}

const everything = Object.fromEntries(
  Object.keys(TOPICS).map((topic) => [topic, { reason: 'not of interest here' }]),
) as OptOut;

describe('conformance', () => {
  it('declares each topic as a suite and each check as a test', () => {
    const suites = recorded(memory);
    expect([...suites.keys()]).toEqual(Object.keys(TOPICS).map((topic) => `memory: ${topic}`));
    expect([...(suites.get('memory: leases')?.keys() ?? [])]).toEqual(Object.keys(TOPICS.leases));
  });

  it('shows what is left out, and why', () => {
    const suite = recorded(memory, { leases: { reason: 'this backend has none' } }).get('memory: leases');
    expect([...(suite?.keys() ?? [])]).toEqual(['is left out: this backend has none']);
  });

  it('takes a written reason for what is left out', () => {
    // @ts-expect-error a bare boolean is no reason
    const bare: OptOut = { leases: true };
    // @ts-expect-error there is no such topic
    const unknown: OptOut = { nonsense: { reason: 'it is not there' } };
    expect([bare, unknown]).toHaveLength(2);
    expect(() => recorded(memory, { leases: { reason: ' ' } })).toThrow('takes a reason');
  });

  it('shows which checks do not apply, and why', () => {
    const faults = { reason: 'no line to cut' };
    const names = [
      ...(recorded({ ...memory, faults })
        .get('memory: faults')
        ?.keys() ?? []),
    ];
    expect(names).toHaveLength(Object.keys(TOPICS.faults).length);
    for (const name of names) expect(name).toMatch(/ \(does not apply: no line to cut\)$/);
    const silent = [...(recorded(memory).get('memory: faults')?.keys() ?? [])];
    expect(silent[0]).toContain('(does not apply: its harness says nothing of `faults`)');
  });

  it('takes a written reason for what a harness does not give', () => {
    // @ts-expect-error a bare boolean is no reason
    const bare: ConformanceHarness = { ...memory, faults: false };
    // @ts-expect-error neither is one inside of what is given
    const inside: ConformanceHarness = { ...memory, raw: { dump: false } };
    expect([bare, inside]).toHaveLength(2);
    expect(() => recorded({ ...memory, wire: { reason: ' ' } })).toThrow('takes a reason');
  });

  it('has checks that fail as tests when the store fails', async () => {
    const broken: ConformanceHarness = { ...memory, open: () => Promise.reject(new Error('away')) };
    const check = recorded(broken).get('memory: leases')?.values().next().value;
    await expect(check?.()).rejects.toThrow('away');
  });

  it('has topics of at least two checks, with names of their own', () => {
    const names = Object.values(TOPICS).flatMap((checks) => Object.keys(checks));
    expect(new Set(names).size).toBe(names.length);
    for (const [topic, checks] of Object.entries(TOPICS)) {
      expect([topic, Object.keys(checks).length > 1]).toEqual([topic, true]);
    }
  });
});

describe('failedChecks', () => {
  it('names topic, check and error', async () => {
    const silent: ConformanceHarness = {
      ...memory,
      async open(options) {
        const store = createMemoryStore(options);
        const broken: StoreBackend = Object.create(store, { ping: { value: () => Promise.reject(new Error('away')) } });
        return broken;
      },
    };
    const { lifecycle: _, ...others } = everything as Record<Topic, { readonly reason: string }>;
    const failed = await failedChecks(silent, others);
    expect(failed.map(({ topic, check, error }) => [topic, check, (error as Error).message])).toContainEqual([
      'lifecycle',
      'a ping answers',
      'away',
    ]);
  });
});

describe('runCheck', () => {
  it('fails a check after which a rejected promise is left', async () => {
    const run = runCheck(memory, async () => void Promise.reject(new Error('lost')));
    await expect(run).rejects.toMatchObject({ cause: { message: 'lost' } });
  });

  it('gives each check a namespace and a time of its own, and closes what it opened', async () => {
    const seen: { namespace: string; clock: Clock | undefined; store: StoreBackend }[] = [];
    const watched: ConformanceHarness = {
      ...memory,
      async open({ namespace, clock }) {
        const store = createMemoryStore({ namespace, ...(clock === undefined ? {} : { clock }) });
        seen.push({ namespace, clock, store });
        return store;
      },
    };
    await runCheck(watched, async ({ open }) => void (await open('-beside')));
    await runCheck(watched, () => Promise.reject(new Error('failed'))).catch(() => {});
    expect(new Set(seen.map(({ namespace }) => namespace)).size).toBe(3);
    expect(seen[1]?.namespace).toBe(`${seen[0]?.namespace}-beside`);
    expect(new Set(seen.map(({ clock }) => clock)).size).toBe(2);
    for (const { store } of seen) await expect(store.ping()).rejects.toMatchObject({ code: 'closed' });
  });
});
