import { afterAll, describe, expect, it } from '@jest/globals';
import { failedChecks } from '../conformance.ts';
import type { OptOut } from '../conformance.ts';
import { simulatedHarness } from '../simulated-server.fixture.ts';
import { TOPICS } from '../topics/topics.ts';
import { FAULT_MUTANTS } from './fault-mutants.ts';
import { MUTANTS } from './mutants.ts';

/** Each mutant must fail a check that names its fault. */
const UNNAMED = leftOut((topic) => topic === 'model-runs');
const WAITING = new Set<string>(['faults', 'retries', 'bounded-size', 'secrecy']);
const SLOW = leftOut((topic) => WAITING.has(topic));
const QUICK = leftOut((topic) => !WAITING.has(topic));

function leftOut(without: (topic: string) => boolean): OptOut {
  const topics = Object.keys(TOPICS).filter(without);
  return Object.fromEntries(topics.map((topic) => [topic, { reason: 'looked at in another round' }]));
}

/** Some of them wait for what never comes. */
const IMPATIENT_MS = 3000;

describe('the kit', () => {
  const report: string[] = [];
  afterAll(() => {
    process.stdout.write(`${report.join('\n')}\n`);
  });

  it('passes the store that the mutants are made of', async () => {
    expect(await failedChecks(simulatedHarness())).toEqual([]);
  });

  it.each(MUTANTS)('fails the mutant "$name"', async (mutant) => {
    const harness = mutant.breaks({ ...simulatedHarness(), patienceMs: IMPATIENT_MS });
    const rounds = FAULT_MUTANTS.includes(mutant) ? [QUICK, SLOW] : [SLOW, QUICK];
    let failed = await failedChecks(harness, { ...UNNAMED, ...rounds[0] }, { most: 1 });
    if (failed.length === 0) failed = await failedChecks(harness, { ...UNNAMED, ...rounds[1] }, { most: 1 });
    const named = failed.map(({ topic, check }) => `${topic}: ${check}`);
    report.push(`${mutant.name} <- ${named.join('; ')}`);
    expect(named).not.toEqual([]);
  });
});
