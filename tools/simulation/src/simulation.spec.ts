import { describe, expect, it } from '@jest/globals';
import { planOf } from './kernel/plan.ts';
import { explore, runPlan, shrink } from './kernel/seed-run.ts';
import type { Scenario } from './kernel/scenario.ts';
import { Trace } from './kernel/trace.ts';
import { findMutant } from './mutant-table.ts';
import { MUTANTS, SCENARIOS, scenarioOf } from './scenarios.ts';

/** Of each world; the whole takes a machine of 2026 about half a minute. */
const SEEDS = 700;

const worlds = SCENARIOS.map((scenario) => [scenario.name, scenario] as const);
const found = new Map<string, string>();

async function traced(scenario: Scenario, seed: number): Promise<readonly string[]> {
  const trace = new Trace(true);
  await runPlan(scenario, planOf(scenario, seed), trace);
  return trace.lines;
}

describe.each(worlds)('the world of %s', (_, scenario) => {
  it('keeps its invariants over all seeds', async () => {
    const { failure, figures } = await explore(scenario, { seeds: SEEDS });
    expect(failure).toBeUndefined();
    expect(figures['steps']).toBeGreaterThan(SEEDS * 200);
  }, 600_000);

  it('takes the same steps for the same seed, and others for another', async () => {
    const steps = await traced(scenario, 42);
    expect(steps.length).toBeGreaterThan(100);
    expect(await traced(scenario, 42)).toEqual(steps);
    expect(await traced(scenario, 43)).not.toEqual(steps);
  });
});

describe('a planted bug', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    'is found: %s',
    async (_, mutant) => {
      const { seeds, invariant } = await findMutant(mutant);
      expect(seeds).toBeDefined();
      expect(scenarioOf(mutant.scenario).invariants).toContain(invariant);
      found.set(`${mutant.scenario}: ${invariant}`, mutant.name);
    },
    600_000,
  );

  it('was found by every invariant', () => {
    const all = SCENARIOS.flatMap(({ name, invariants }) => invariants.map((invariant) => `${name}: ${invariant}`));
    expect(all.filter((invariant) => !found.has(invariant))).toEqual([]);
  });

  it('is found again with less', async () => {
    const [mutant] = MUTANTS;
    if (mutant === undefined) throw new Error('there is no mutant');
    const scenario = scenarioOf(mutant.scenario);
    const { failure } = await explore(scenario, { seeds: 100, sabotage: mutant.sabotage });
    if (failure === undefined) throw new Error('not found');
    const least = await shrink(scenario, failure, mutant.sabotage);
    expect(least.invariant).toBe(failure.invariant);
    expect(least.plan.operations).toBeLessThan(failure.plan.operations);
    expect(least.plan.faults.size).toBeLessThan(failure.plan.faults.size);
    expect((await runPlan(scenario, least.plan, new Trace(false), mutant.sabotage)).failure).toEqual(least);
  });
});
