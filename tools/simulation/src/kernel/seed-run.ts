import type { Plan } from './plan.ts';
import { planOf } from './plan.ts';
import type { Figures, Sabotage, Scenario } from './scenario.ts';
import { Violation } from './simulation.ts';
import { Trace } from './trace.ts';

export interface Failure {
  readonly scenario: string;
  readonly plan: Plan;
  /** `none` where the run itself broke. */
  readonly invariant: string;
  readonly message: string;
}

export interface SeedRun {
  readonly figures: Figures | undefined;
  readonly failure: Failure | undefined;
}

/** Runs a plan to its end, or to the first violation. */
export async function runPlan(
  scenario: Scenario,
  plan: Plan,
  trace = new Trace(false),
  sabotage: Sabotage = {},
): Promise<SeedRun> {
  try {
    return { figures: await scenario.run(plan, trace, sabotage), failure: undefined };
  } catch (error) {
    const invariant = error instanceof Violation ? error.invariant : 'none';
    const message = error instanceof Violation ? error.message : ((error as Error).stack ?? String(error));
    return { figures: undefined, failure: { scenario: scenario.name, plan, invariant, message } };
  }
}

export interface Exploration {
  readonly seeds: number;
  readonly failure: Failure | undefined;
  /** Summed over the seeds. */
  readonly figures: Figures;
}

/** Runs seeds one after the other, up to the first that fails. */
export async function explore(
  scenario: Scenario,
  { from = 1, seeds, sabotage }: { readonly from?: number; readonly seeds: number; readonly sabotage?: Sabotage },
  onSeed: (done: number) => void = () => {},
): Promise<Exploration> {
  const figures: Record<string, number> = {};
  for (let done = 0; done < seeds; done += 1) {
    const run = await runPlan(scenario, planOf(scenario, from + done), new Trace(false), sabotage);
    if (run.failure !== undefined) return { seeds: done + 1, failure: run.failure, figures };
    for (const [name, count] of Object.entries(run.figures ?? {})) figures[name] = (figures[name] ?? 0) + count;
    onSeed(done + 1);
  }
  return { seeds, failure: undefined, figures };
}

/**
 * The same violation with less: half of the work, again and again, then without each kind of fault. Not the least there
 * is, but quick.
 */
export async function shrink(scenario: Scenario, failure: Failure, sabotage?: Sabotage): Promise<Failure> {
  let least = failure;
  const still = async (change: Partial<Plan>): Promise<boolean> => {
    const run = await runPlan(scenario, { ...least.plan, ...change }, new Trace(false), sabotage);
    if (run.failure?.invariant !== failure.invariant) return false;
    least = run.failure;
    return true;
  };
  for (let part = 2; part <= 16; part *= 2) {
    while (least.plan.operations > 1) {
      const operations = least.plan.operations - Math.ceil(least.plan.operations / part);
      if (operations === 0 || !(await still({ operations }))) break;
    }
  }
  for (const fault of failure.plan.faults) {
    await still({ faults: new Set([...least.plan.faults].filter((other) => other !== fault)) });
  }
  return least;
}
