import { USAGE, commandFor, planFrom, readCommand } from './command-line.ts';
import type { Command } from './command-line.ts';
import type { Scenario } from './kernel/scenario.ts';
import { explore, runPlan, shrink } from './kernel/seed-run.ts';
import type { Exploration, Failure } from './kernel/seed-run.ts';
import { Trace } from './kernel/trace.ts';
import { findMutant, mutantTable } from './mutant-table.ts';
import type { FoundMutant } from './mutant-table.ts';
import { simulateScale, writeScaleReport } from './scale/scale-report.ts';
import { allScaleTables } from './scale/scale-tables.ts';
import { MUTANTS, scenarioOf } from './scenarios.ts';

const startedAt = performance.now();
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const progress = (text: string): void => {
  process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${text}\n`);
};

async function report(failure: Failure): Promise<void> {
  const { scenario, plan, message } = failure;
  print(`\n${scenario}, seed ${plan.seed}: ${message}\n`);
  print(`  replay:  npm run simulate -- --world ${scenario} --seed ${plan.seed}`);
  const least = await shrink(scenarioOf(scenario), failure);
  print(`  less:    ${commandFor(scenario, least.plan)}`);
}

async function runSeeds({ scenarios, from, seeds, json }: Command): Promise<number> {
  const figures: Record<string, Exploration['figures']> = {};
  for (const scenario of scenarios) {
    const step = Math.max(1, Math.floor(seeds / 20));
    const explored = await explore(scenario, { from, seeds }, (done) => {
      if (done % step === 0) progress(`${scenario.name}: ${done} of ${seeds} seeds`);
    });
    if (explored.failure !== undefined) {
      await report(explored.failure);
      return 1;
    }
    figures[scenario.name] = explored.figures;
    if (!json) print(`${scenario.name}: ${seeds} seeds, no violation; ${line(explored.figures)}`);
  }
  if (json) print(JSON.stringify({ from, seeds, worlds: figures }, null, 2));
  return 0;
}

async function runSeed(scenario: Scenario, command: Command): Promise<number> {
  const trace = new Trace(true);
  const { failure, figures } = await runPlan(scenario, planFrom(scenario, command), trace);
  print(`${scenario.name}, seed ${command.from}\n${trace.lines.join('\n')}`);
  print(failure === undefined ? `no violation; ${line(figures ?? {})}\n` : `${failure.message}\n`);
  return failure === undefined ? 0 : 1;
}

async function runMutants({ json }: Command): Promise<number> {
  const found: FoundMutant[] = [];
  for (const mutant of MUTANTS) {
    found.push(await findMutant(mutant));
    progress(`${mutant.scenario}: ${mutant.name}: ${found.at(-1)?.seeds ?? 'not found'}`);
  }
  const rows = found.map(({ mutant: { name, scenario }, seeds, invariant }) => ({ scenario, name, invariant, seeds }));
  print(json ? JSON.stringify(rows, null, 2) : mutantTable(found));
  return found.every(({ seeds }) => seeds !== undefined) ? 0 : 1;
}

async function runScales({ json, report }: Command): Promise<number> {
  const figures = await simulateScale(progress);
  print(json ? JSON.stringify(figures, null, 2) : allScaleTables(figures));
  if (report) await writeScaleReport(figures);
  return 0;
}

/** @returns 0: nothing was violated; 1: something was; 2: wrong arguments */
async function main(args: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = readCommand(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    return 2;
  }
  const { mode, scenarios } = command;
  if (mode === 'help') print(USAGE);
  else if (mode === 'mutants') return runMutants(command);
  else if (mode === 'scale') return runScales(command);
  else if (mode === 'seeds') return runSeeds(command);
  else {
    const codes: number[] = [];
    for (const scenario of scenarios) codes.push(await runSeed(scenario, command));
    return Math.max(...codes);
  }
  return 0;
}

function line(figures: Exploration['figures']): string {
  return Object.entries(figures)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

process.exitCode = await main(process.argv.slice(2));
