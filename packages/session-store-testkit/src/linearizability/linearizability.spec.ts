import { describe, expect, it } from '@jest/globals';
import type { SessionRecord, StoreBackend } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { PretendServer } from '../client-processes/pretend-server.fixture.ts';
import type { Faults } from '../client-processes/pretend-server.fixture.ts';
import { portMutant } from '../mutants/mutant.ts';
import { MUTANTS } from '../mutants/mutants.ts';
import { linearizability } from './linearizability.ts';
import type { HistoryOptions } from './linearizability.ts';
import type { HistoryHarness } from './recording.ts';

/** Runs what would be declared as tests, one after the other, until one fails. */
async function run(harness: HistoryHarness, options: HistoryOptions = {}): Promise<void> {
  const tests: (() => Promise<void>)[] = [];
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: (_: string, body: () => Promise<void>) => tests.push(body),
  };
  linearizability(runner, harness, options);
  for (const test of tests) await test();
}

async function pretended(kind: 'client' | 'server', faults: Faults = {}): Promise<HistoryHarness> {
  const whole = await new PretendServer(faults).harness();
  if (kind === 'server') return whole;
  const { name, patienceMs = 20_000 } = whole;
  return { name, patienceMs, stores: () => whole.stores(), start: () => whole.start() };
}

/** Answers reads with what it was told last, for a while. */
const rememberingReads = portMutant('a process reads what it remembers', 'sessions', (sessions) => {
  const known = new Map<string, SessionRecord>();
  return {
    async get(ref) {
      const remembered = known.get(ref.id);
      known.delete(ref.id);
      if (remembered !== undefined) return { ok: true, value: remembered };
      const result = await sessions.get(ref);
      if (result.ok) known.set(ref.id, result.value);
      return result;
    },
  };
});

const overwritingTouch = portMutant('a touch writes back what it has read', 'sessions', (sessions) => ({
  async touch(ref, options) {
    const before = await sessions.get(ref);
    await new Promise((resolve) => setTimeout(resolve, 2));
    const result = await sessions.touch(ref, options);
    if (!before.ok || !result.ok || before.value.version === result.value.session.version) return result;
    const written = await sessions.update(ref, result.value.session.version, { data: before.value.data });
    return written.ok ? { ok: true, value: { session: written.value, superseded: false } } : result;
  },
}));

describe('a store without a fault', () => {
  it('passes in one process', async () => {
    const store: StoreBackend = createMemoryStore();
    await run({ name: 'memory', stores: () => [store, store] }, { rounds: 3 });
  });

  it.each(['client', 'server'] as const)('passes with the loss of a %s', async (kind) => {
    await run(await pretended(kind), { rounds: 2 });
  });
});

describe('a mutant in each process is found', () => {
  it.each([
    ['update checks the version, then acts', /sessions, seed \d+: no order explains/],
    ['a process reads what it remembers', /sessions, seed \d+: no order explains/],
    ['a touch writes back what it has read', /sessions, seed \d+: no order explains/],
    ['a lease is checked, then taken', /leases, seed \d+: no order explains/],
    ['the fencing token starts again with each lease', /leases, seed \d+: no order explains/],
    ['the fencing token stays when the holder comes back late', /leases, seed \d+: no order explains/],
    ['a stale holder may renew', /leases, seed \d+: no order explains/],
    ['the caps are checked, then acted on', /pool, seed \d+: no order explains/],
    ['the cap of the target is ignored', /pool, seed \d+: no order explains/],
    ['a lost lease is released as if it were held', /pool, seed \d+: no order explains/],
  ])('%s', async (name, message) => {
    const mutant = [...MUTANTS, rememberingReads, overwritingTouch].find((candidate) => candidate.name === name);
    if (mutant === undefined) throw new Error(`no mutant ${name}`);
    await expect(run(await pretended('client', { mutant }), { rounds: 20 })).rejects.toThrow(message);
  });
});

describe('a fault of processes or of the server is found', () => {
  it.each<[string, 'client' | 'server', Faults, RegExp]>([
    [
      'writes are answered before they are made',
      'client',
      { writesLate: true },
      /sessions, seed \d+: no order explains/,
    ],
    ['a crash forgets', 'server', { forgets: true }, /no order explains/],
    ['what nobody knows is said to be not applied', 'server', { guesses: true }, /no order explains/],
    ['failures have no type', 'server', { isUntyped: true }, /should be a retryable StoreError/],
  ])('%s', async (_, kind, faults, message) => {
    await expect(run(await pretended(kind, faults), { rounds: 20 })).rejects.toThrow(message);
  });
});

it('shows the seed, the answer that nothing explains, and the calls before it', async () => {
  const mutant = MUTANTS.find(({ name }) => name === 'the cap of the target is ignored');
  const failing = run(await pretended('client', { ...(mutant === undefined ? {} : { mutant }) }), { seed: 7 });
  await expect(failing).rejects.toThrow(
    /^pool, seed 7: no order explains\n {2}client-\dc\d \d+-\d+ \{"do":"acquire".*\nwhere it could have been\n\[[^]*\nafter\n/,
  );
});
