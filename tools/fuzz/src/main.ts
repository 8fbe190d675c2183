import { addToCorpus } from './corpus.ts';
import { USAGE, readCommand } from './command-line.ts';
import { fuzz } from './fuzz.ts';
import { TARGETS } from './targets.ts';

const MINUTE_MS = 60_000;

/** @returns the exit code: 1 for a finding, 2 for wrong arguments */
async function main(args: readonly string[]): Promise<number> {
  let command: ReturnType<typeof readCommand>;
  try {
    command = readCommand(args, Date.now());
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    return 2;
  }
  const listed = TARGETS.map(({ name, summary }) => `  ${name.padEnd(10)}  ${summary}`).join('\n');
  if (command === 'help' || command.target === undefined) {
    process.stdout.write(`${listed}\n\n${USAGE}\n`);
    return 0;
  }
  const { target: name, minutes, seed, keep } = command;
  const target = TARGETS.find((one) => one.name === name);
  if (target === undefined) {
    process.stderr.write(`There is no target "${name}". There are:\n${listed}\n`);
    return 2;
  }
  process.stdout.write(`${name}: ${minutes} minutes from seed ${seed}\n`);
  const progress = (line: string): void => void process.stderr.write(`${name}: ${line}\n`);
  const report = await fuzz(target, { seed, runs: Infinity, untilMs: minutes * MINUTE_MS, progress });
  process.stdout.write(`${name}: ${report.runs} inputs in ${report.seconds} s\n`);
  const { finding } = report;
  if (finding === undefined) return 0;
  process.stdout.write(`found by seed ${finding.seed}: ${finding.reason}\n${JSON.stringify(finding.input)}\n`);
  if (keep) addToCorpus(name, `found by seed ${finding.seed}`, finding.input);
  return 1;
}

process.exitCode = await main(process.argv.slice(2));
