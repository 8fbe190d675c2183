import { parseArgs } from 'node:util';
import type { Plan } from './kernel/plan.ts';
import { planOf } from './kernel/plan.ts';
import type { Scenario } from './kernel/scenario.ts';
import { SCENARIOS, scenarioOf } from './scenarios.ts';

export const USAGE = `npm run simulate -- [options]

  --seeds <n>        so many seeds through every world, up to the first that fails; default 1000
  --from <n>         the first of them; default 1
  --seed <n>         one seed, with the trace of its steps
  --world <name>     one world: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --operations <n>   with --seed: less work than the world gives
  --only <faults>    with --seed: only these kinds of faults, with commas between; "none" for none
  --mutants          looks for the planted bugs, and prints how many seeds each took
  --scale            the pool at up to 10,000 tenants and 100 processes, as tables; some minutes
  --report           with --scale: into docs/operations as well
  --json             figures as JSON
  --help`;

export interface Command {
  readonly mode: 'seeds' | 'seed' | 'mutants' | 'scale' | 'help';
  readonly scenarios: readonly Scenario[];
  readonly from: number;
  readonly seeds: number;
  readonly json: boolean;
  readonly report: boolean;
  readonly operations: number | undefined;
  readonly only: readonly string[] | undefined;
}

/** @throws Error for what can't be understood */
export function readCommand(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      seed: { type: 'string' },
      world: { type: 'string' },
      operations: { type: 'string' },
      only: { type: 'string' },
      mutants: { type: 'boolean' },
      scale: { type: 'boolean' },
      report: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const { seed, world } = values;
  const [asked] = (['help', 'mutants', 'scale'] as const).filter((name) => values[name]);
  if (values.report && asked !== 'scale') throw new Error('--report is for --scale');
  const mode = asked ?? (seed === undefined ? 'seeds' : 'seed');
  return {
    mode,
    scenarios: world === undefined ? SCENARIOS : [scenarioOf(world)],
    from: wholeNumber('from', seed ?? values.from ?? '1'),
    seeds: wholeNumber('seeds', values.seeds ?? '1000'),
    json: values.json ?? false,
    report: values.report ?? false,
    operations: values.operations === undefined ? undefined : wholeNumber('operations', values.operations),
    only: values.only?.split(',').filter((fault) => fault !== 'none' && fault !== ''),
  };
}

/** The plan of one seed, with what the command takes away from it. */
export function planFrom(scenario: Scenario, { from, operations, only }: Command): Plan {
  const plan = planOf(scenario, from);
  const faults = only === undefined ? plan.faults : new Set(only.filter((fault) => plan.faults.has(fault)));
  return { ...plan, operations: operations ?? plan.operations, faults };
}

/** What replays a plan. */
export function commandFor(scenario: string, { seed, operations, faults }: Plan): string {
  const only = [...faults].join(',') || 'none';
  return `npm run simulate -- --world ${scenario} --seed ${seed} --operations ${operations} --only ${only}`;
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number`);
  return Number(text);
}
