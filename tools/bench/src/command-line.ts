import { parseArgs } from 'node:util';

export interface Command {
  /** Undefined: list the benchmarks. */
  readonly benchmark: string | undefined;
  readonly json: boolean;
  readonly quick: boolean;
  /** Undefined: as often as the benchmark finds right. */
  readonly runs: number | undefined;
  /** Undefined: all that the benchmark has. */
  readonly backends: readonly string[] | undefined;
  /** The same. */
  readonly sections: readonly string[] | undefined;
}

export const USAGE = `npm run bench                      lists the benchmarks
npm run bench -- <name> [options]  runs one

  --json             prints the report as JSON, and nothing else on standard output
  --runs <n>         how often everything is measured, 1 to 100 (default 5, of memory 1; 1 with --quick)
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
      json: { type: 'boolean' },
      quick: { type: 'boolean' },
      runs: { type: 'string' },
      backend: { type: 'string', multiple: true },
      section: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  if (positionals.length > 1) throw new Error(`one benchmark at a time, not ${positionals.join(', ')}`);
  const quick = values.quick === true;
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  if (runs !== undefined && (!Number.isInteger(runs) || runs < 1 || runs > 100)) {
    throw new Error(`--runs must be a whole number from 1 to 100, not "${values.runs}"`);
  }
  const [backends, sections] = [namesIn(values.backend), namesIn(values.section)];
  return { benchmark: positionals[0], json: values.json === true, quick, runs, backends, sections };
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
