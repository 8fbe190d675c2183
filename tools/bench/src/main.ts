import { fileURLToPath } from 'node:url';
import { isAbsolute, join } from 'node:path';
import { inspect } from 'node:util';
import type { Benchmark, Report } from './benchmark.ts';
import { BENCHMARKS } from './benchmarks.ts';
import { chosenOf, readCommand, REPORTS, USAGE, type Command } from './command-line.ts';
import { writeDocuments } from './documents/write-documents.ts';
import { PLAN, type Step } from './plan.ts';
import { progressOn } from './progress.ts';
import { partsOf, record, runsOf } from './report/recorder.ts';
import { serverVersions, type ServerVersions } from './report/server-versions.ts';
import { formatReport } from './table.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A benchmark and the parts of it that are asked for. */
interface Chosen {
  readonly benchmark: Benchmark;
  readonly backends: readonly string[];
  readonly sections: readonly string[];
  readonly runs: number | undefined;
}

class WrongArguments extends Error {}

/** @returns the exit code: 0 also where a check is not ok, 1 when a benchmark could not run, 2 for wrong arguments */
async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parsed(args);
    if (command === 'help') return say(USAGE);
    if (command.documents) return say(await writeDocuments(ROOT, join(ROOT, REPORTS)));
    if (command.all) return await run(PLAN.map(plannedOf), command);
    if (command.benchmark === undefined) return say(`${listBenchmarks()}\n\n${USAGE}`);
    return await run([chosen(command.benchmark, command)], command);
  } catch (error) {
    const wrong = error instanceof WrongArguments;
    process.stderr.write(`${wrong ? error.message : inspect(error)}\n`);
    return wrong ? 2 : 1;
  }
}

function parsed(args: readonly string[]): Command | 'help' {
  try {
    return readCommand(args);
  } catch (error) {
    throw new WrongArguments(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function chosen(name: string, { backends, sections, runs }: Pick<Command, 'backends' | 'sections' | 'runs'>): Chosen {
  const benchmark = BENCHMARKS.find((one) => one.name === name);
  if (benchmark === undefined) {
    throw new WrongArguments(`There is no benchmark "${name}". There are:\n${listBenchmarks()}`);
  }
  try {
    return {
      benchmark,
      backends: chosenOf(name, 'backend', benchmark.backends, backends),
      sections: chosenOf(name, 'section', benchmark.sections, sections),
      runs,
    };
  } catch (error) {
    throw new WrongArguments((error as Error).message);
  }
}

function plannedOf({ benchmark, parts, runs }: Step): Chosen {
  const ofBackends = BENCHMARKS.find(({ name }) => name === benchmark)?.backends !== undefined;
  const asked = ofBackends ? { backends: parts, sections: undefined } : { backends: undefined, sections: parts };
  return chosen(benchmark, { ...asked, runs });
}

/** One after the other; where one could not run, the others do. */
async function run(all: readonly Chosen[], command: Command): Promise<number> {
  const progress = progressOn(process.stderr);
  const servers = command.report === undefined ? {} : await serverVersions();
  let code = 0;
  for (const one of all) {
    try {
      const report = await measured(one, command, progress.say, servers);
      progress.end();
      say(command.json ? JSON.stringify(report, null, 2) : `\n${formatReport(report, one.benchmark.conditions)}`);
    } catch (error) {
      progress.end();
      process.stderr.write(`${one.benchmark.name} could not run: ${inspect(error)}\n`);
      code = 1;
    }
  }
  return code;
}

async function measured(
  one: Chosen,
  { quick, report: folder, ...command }: Command,
  progress: (line: string) => void,
  servers: ServerVersions,
): Promise<Report> {
  const { benchmark, backends, sections } = one;
  const runs = command.runs ?? one.runs;
  if (folder === undefined) {
    return benchmark.run({ runs: runsOf(runs, quick), quick, backends, sections, progress });
  }
  const into = isAbsolute(folder) ? folder : join(ROOT, folder);
  const parts = partsOf(benchmark).filter((part) => isAsked(part, one));
  return record(benchmark, parts, { runs, quick, progress, folder: into, root: ROOT, servers });
}

function isAsked(part: string, { benchmark, backends, sections }: Chosen): boolean {
  if (benchmark.backends !== undefined) return backends.includes(part);
  return benchmark.sections === undefined || sections.includes(part);
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function listBenchmarks(): string {
  const width = Math.max(...BENCHMARKS.map(({ name }) => name.length));
  return BENCHMARKS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
}

process.exitCode = await main(process.argv.slice(2));
