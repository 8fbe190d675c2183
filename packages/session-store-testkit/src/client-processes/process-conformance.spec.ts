import { describe, expect, it } from '@jest/globals';
import { portMutant } from '../mutants/mutant.ts';
import { MUTANTS } from '../mutants/mutants.ts';
import { lostClient } from './lost-client.ts';
import { lostServer } from './lost-server.ts';
import { PretendServer } from './pretend-server.fixture.ts';
import type { Faults } from './pretend-server.fixture.ts';
import { crashConformance, processConformance } from './process-conformance.ts';
import type { CrashHarness, ProcessChecks } from './process-harness.ts';
import { races } from './races.ts';

const CHECKS = { ...races, ...lostClient, ...lostServer };

async function run(check: string, faults: Faults = {}, patienceMs?: number): Promise<void> {
  const checks: ProcessChecks<CrashHarness> = CHECKS;
  await checks[check]?.(await new PretendServer(faults).harness(patienceMs));
}

function checkNamed(part: string): string {
  const found = Object.keys(CHECKS).filter((name) => name.includes(part));
  expect(found).toHaveLength(1);
  return found[0] ?? '';
}

/** Takes the place of whatever came between its look and its act. */
const overwritingRotation = portMutant('a rotation is checked, then made', 'sessions', (sessions) => ({
  async rotate(ref, rotation) {
    const found = await sessions.get(ref);
    if (!found.ok || found.value.verifier !== rotation.presented) return sessions.rotate(ref, rotation);
    for (;;) {
      const current = await sessions.get(ref);
      const presented = (current.ok ? current.value.verifier : null) ?? rotation.presented;
      const result = await sessions.rotate(ref, { ...rotation, presented });
      if (!result.ok || !result.value.superseded) return result;
    }
  },
}));

const RETURN = 'return by themselves';
/** Of a check that waits for what never comes. */
const IMPATIENT_MS = 4000;
const waitsInVain = (message: RegExp): boolean => message.source.startsWith('in vain');

describe('a backend without a fault', () => {
  it.each(Object.keys(CHECKS))('passes: %s', (name) => run(name));
});

describe('a mutant in each process fails the check of its fault', () => {
  it.each([
    ['the limit is checked, then acted on', '200 calls', /200 !== 30/],
    ['a window is fixed, not sliding', '16 callers', /units/],
    ['a budget is checked, then reserved', 'exactly 15', /of 150 were spent/],
    ['a rotation is checked, then made', '10 rotations', /10 rotations were accepted/],
    ['update checks the version, then acts', '20 updates', /20 updates were accepted/],
    ['the maximum per subject is checked, then acted on', '20 logins', /20 !== 5/],
    ['a lease is checked, then taken', '20 holders', /!== 1/],
    ['the caps are checked, then acted on', '40 takers', /deep-equal/],
    ['ending all sessions ends what a list shows', 'ended all sessions', /true !== false/],
    ['a lost reservation never returns', RETURN, /in vain: the reservations/],
    ['a lease never ends', RETURN, /in vain: the slots/],
    ['a recovered session looks like any other', RETURN, /without a warning/],
    ['the fencing token starts again with each lease', RETURN, /token did not grow/],
  ])('%s', async (name, check, message) => {
    const mutant = [...MUTANTS, overwritingRotation].find((candidate) => candidate.name === name);
    if (mutant === undefined) throw new Error(`no mutant ${name}`);
    const patienceMs = waitsInVain(message) ? IMPATIENT_MS : undefined;
    await expect(run(checkNamed(check), { mutant }, patienceMs)).rejects.toThrow(message);
  });
});

describe('a fault of processes or of the server fails the check of it', () => {
  it.each([
    ['writes are answered before they are made', { writesLate: true }, 'whole or not', /should be refused as revoked/],
    ['a process counts alone', { countsAlone: true }, 'counts on for the others', /units of 400$/],
    ['a crash forgets', { forgets: true }, 'comes back', /not_found/],
    [
      'what nobody knows is said to be not applied',
      { guesses: true },
      'comes back',
      /as not_found|refused: revoked|refused happened|at most/,
    ],
    ['failures have no type', { isUntyped: true }, 'comes back', /should be a retryable StoreError/],
    ['a client gives up', { givesUp: true }, 'comes back', /in vain: work of every kind again/],
    ['a client waits too long', { waits: true }, 'comes back', /took \d+ ms/],
  ])('%s', async (_, faults, check, message) => {
    const patienceMs = waitsInVain(message) ? IMPATIENT_MS : undefined;
    await expect(run(checkNamed(check), faults, patienceMs)).rejects.toThrow(message);
  });
});

it('declares each check as a test', async () => {
  const declared: string[] = [];
  const runner = { describe: (_: string, body: () => void) => body(), it: (name: string) => void declared.push(name) };
  const harness = await new PretendServer().harness();
  processConformance(runner, harness);
  crashConformance(runner, harness);
  expect(declared).toEqual(Object.keys(CHECKS));
});
