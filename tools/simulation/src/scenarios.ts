import { FAILOVER_MUTANTS } from './failover/failover-mutants.ts';
import { failoverScenario } from './failover/failover-world.ts';
import type { Mutant, Scenario } from './kernel/scenario.ts';
import { POOL_MUTANTS } from './pool/pool-mutants.ts';
import { poolScenario } from './pool/pool-world.ts';
import { STORE_MUTANTS } from './stores/store-mutants.ts';
import { storesScenario } from './stores/stores-world.ts';

export const SCENARIOS: readonly Scenario[] = [poolScenario, storesScenario, failoverScenario];

/** Bugs that the scenarios have to find. */
export const MUTANTS: readonly Mutant[] = [...POOL_MUTANTS, ...STORE_MUTANTS, ...FAILOVER_MUTANTS];

/** @throws Error */
export function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined)
    throw new Error(`there is no world "${name}": ${SCENARIOS.map((one) => one.name).join(', ')}`);
  return found;
}
