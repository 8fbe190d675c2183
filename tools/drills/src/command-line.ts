import { parseArgs } from 'node:util';
import { BACKENDS } from './backends.ts';
import type { Backend } from './backends.ts';

export interface Command {
  /** None without `all`: list the drills. */
  readonly drills: readonly string[];
  readonly all: boolean;
  /** Undefined: all that the drill has. */
  readonly backends: readonly Backend[] | undefined;
  readonly seconds: number;
  readonly json: boolean;
}

const DEFAULT_SECONDS = 5;

export const USAGE = `npm run drill                      lists the drills
npm run drill -- <name>… [options] runs these, in the order of the list
npm run drill -- --all [options]   runs all

  --backend <names>  only these stores, with commas between them: ${BACKENDS.join(', ')} (default: all that a drill has)
  --seconds <n>      how long the fault lasts, 1 to 600 (default ${DEFAULT_SECONDS})
  --json             prints the reports as JSON, and nothing else on standard output
  --help             this text`;

/** @throws Error whose message says what is wrong with the arguments */
export function readCommand(args: readonly string[]): Command | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      all: { type: 'boolean' },
      backend: { type: 'string', multiple: true },
      seconds: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  if (values.all === true && positionals.length > 0) throw new Error(`either ${positionals.join(', ')} or --all`);
  const seconds = values.seconds === undefined ? DEFAULT_SECONDS : Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 600) {
    throw new Error(`--seconds must be a whole number from 1 to 600, not "${values.seconds}"`);
  }
  const backends = values.backend?.flatMap((names) => names.split(',')).map(backendOf);
  return { drills: positionals, all: values.all === true, backends, seconds, json: values.json === true };
}

/** @throws Error whose message says which backends there are */
export function backendOf(name: string): Backend {
  const backend = BACKENDS.find((known) => known === name.trim());
  if (backend === undefined) throw new Error(`There is no backend "${name}". There are: ${BACKENDS.join(', ')}`);
  return backend;
}
