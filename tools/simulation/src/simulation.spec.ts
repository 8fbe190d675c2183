import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { planOf } from './kernel/plan.ts';
import { explore, runPlan, shrink } from './kernel/seed-run.ts';
import type { Scenario } from './kernel/scenario.ts';
import { Trace } from './kernel/trace.ts';
import { findMutant, mutantTable } from './mutant-table.ts';
import type { FoundMutant } from './mutant-table.ts';
import { MUTANTS, SCENARIOS, scenarioOf } from './scenarios.ts';

/** Of each world; the whole takes a machine of 2026 about half a minute. */
const SEEDS = 700;

const worlds = SCENARIOS.map((scenario) => [scenario.name, scenario] as const);
const found: FoundMutant[] = [];

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
      const one = await findMutant(mutant);
      expect(one.seeds).toBeDefined();
      expect(scenarioOf(mutant.scenario).invariants).toContain(one.invariant);
      found.push(one);
    },
    600_000,
  );

  it('was found by every invariant', () => {
    const all = SCENARIOS.flatMap(({ name, invariants }) => invariants.map((invariant) => `${name}: ${invariant}`));
    const breaking = new Set(found.map(({ mutant, invariant }) => `${mutant.scenario}: ${invariant}`));
    expect(all.filter((invariant) => !breaking.has(invariant))).toEqual([]);
  });

  it('took as many seeds as the README has; otherwise its table is: npm run simulate -- --mutants', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    expect(readme.slice(readme.indexOf('| world    | planted bug'))).toBe(`${mutantTable(found)}\n`);
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
