import { parseArgs } from 'node:util';

export interface Command {
  /** Undefined: list the benchmarks. */
  readonly benchmark: string | undefined;
  /** All of them, in the order of the plan. */
  readonly all: boolean;
  readonly json: boolean;
  readonly quick: boolean;
  /** Into which folder what is measured is put as a report; undefined: none. */
  readonly report: string | undefined;
  /** Only brings reports and documents in line with what was measured. */
  readonly documents: boolean;
  /** Undefined: as often as the benchmark finds right. */
  readonly runs: number | undefined;
  /** Undefined: all that the benchmark has. */
  readonly backends: readonly string[] | undefined;
  /** The same. */
  readonly sections: readonly string[] | undefined;
}

/** Where reports are checked in. */
export const REPORTS = 'docs/reports';

export const USAGE = `npm run bench                      lists the benchmarks
npm run bench -- <name> [options]  runs one
npm run bench -- --all --report    runs all of them and writes their reports, the most important first
npm run bench -- --documents       puts the figures of the reports into the documents

  --report           puts what was measured into ${REPORTS}/<name>: JSON, text, plots; other parts stay as they were
  --into <folder>    another folder for it
  --json             prints the report as JSON, and nothing else on standard output
  --runs <n>         how often everything is measured, 1 to 100 (default 5; 1 with --quick)
  --quick            few repetitions: shows that the benchmark works, its figures mean little
  --backend <names>  only these stores, with commas between them (default: all that the benchmark has)
  --section <names>  only these parts of the benchmark, with commas between them (default: all)
  --help             this text`;

/** @throws Error whose message says what is wrong with the arguments */
export function readCommand(args: readonly string[]): Command | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      all: { type: 'boolean' },
      documents: { type: 'boolean' },
      report: { type: 'boolean' },
      into: { type: 'string' },
      json: { type: 'boolean' },
      quick: { type: 'boolean' },
      runs: { type: 'string' },
      backend: { type: 'string', multiple: true },
      section: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const [benchmark, all] = [positionals[0], values.all === true];
  if (positionals.length > 1) throw new Error(`one benchmark at a time, not ${positionals.join(', ')}`);
  if (all && (benchmark ?? values.backend ?? values.section) !== undefined) {
    throw new Error('--all takes neither a benchmark nor parts of one');
  }
  if (values.quick === true && values.report === true && values.into === undefined) {
    throw new Error(`figures of --quick mean little and do not belong in ${REPORTS}: say where with --into`);
  }
  return {
    benchmark,
    all,
    json: values.json === true,
    quick: values.quick === true,
    report: values.into ?? (values.report === true ? REPORTS : undefined),
    documents: values.documents === true,
    runs: runsIn(values.runs),
    backends: namesIn(values.backend),
    sections: namesIn(values.section),
  };
}

function runsIn(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const runs = Number(given);
  if (Number.isInteger(runs) && runs >= 1 && runs <= 100) return runs;
  throw new Error(`--runs must be a whole number from 1 to 100, not "${given}"`);
}

function namesIn(given: readonly string[] | undefined): readonly string[] | undefined {
  return given?.flatMap((names) => names.split(',')).map((name) => name.trim());
}

/**
 * What `--backend` or `--section` names of what a benchmark has, in the benchmark's order.
 * @throws Error whose message says which ones there are
 */
export function chosenOf(
  benchmark: string,
  option: 'backend' | 'section',
  known: readonly string[] = [],
  asked: readonly string[] | undefined,
): readonly string[] {
  if (asked === undefined) return known;
  if (known.length === 0) throw new Error(`${benchmark} has no ${option}s to choose from: leave --${option} out`);
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`${benchmark} has no ${option} "${unknown.join('", "')}". There are: ${known.join(', ')}`);
  }
  return known.filter((name) => asked.includes(name));
}
