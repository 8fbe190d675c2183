import { BENCHMARKS } from './benchmarks.ts';
import { chosenOf, readCommand, USAGE } from './command-line.ts';
import { formatReport } from './table.ts';

/** @returns the exit code: 0 also where a check is not ok, 1 when a benchmark could not run, 2 for wrong arguments */
async function main(args: readonly string[]): Promise<number> {
  let command: ReturnType<typeof readCommand>;
  try {
    command = readCommand(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    return 2;
  }
  if (command === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { benchmark: name, json, quick } = command;
  if (name === undefined) {
    process.stdout.write(`${listBenchmarks()}\n\n${USAGE}\n`);
    return 0;
  }
  const benchmark = BENCHMARKS.find((one) => one.name === name);
  if (benchmark === undefined) {
    process.stderr.write(`There is no benchmark "${name}". There are:\n${listBenchmarks()}\n`);
    return 2;
  }
  let backends: readonly string[];
  let sections: readonly string[];
  try {
    backends = chosenOf(name, 'backend', benchmark.backends, command.backends);
    sections = chosenOf(name, 'section', benchmark.sections, command.sections);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  const startedAt = performance.now();
  const progress = (line: string): void => {
    process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
  };
  try {
    const runs = command.runs ?? (quick ? 1 : (benchmark.runs ?? 5));
    const report = await benchmark.run({ runs, quick, backends, sections, progress });
    const text = json ? JSON.stringify(report, null, 2) : `\n${formatReport(report, benchmark.conditions)}`;
    process.stdout.write(`${text}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${name} could not run: ${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

function listBenchmarks(): string {
  const width = Math.max(...BENCHMARKS.map(({ name }) => name.length));
  return BENCHMARKS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
}

process.exitCode = await main(process.argv.slice(2));
