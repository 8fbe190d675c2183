import { parseArgs } from 'node:util';
import { BACKENDS } from '../backends.ts';
import type { Backend } from '../backends.ts';
import { backendOf } from '../command-line.ts';

export interface SoakCommand {
  readonly backend: Backend;
  readonly minutes: number;
  readonly sampleSeconds: number;
  /** Where the samples are written to. */
  readonly folder: string;
}

export const SOAK_USAGE = `npm run soak -- [options]

  --minutes <n>      how long, 1 to 10000 (default 30)
  --backend <name>   where sessions are kept: ${BACKENDS.join(', ')} (default failover)
  --sample <n>       seconds between two looks at everything, 1 to 600 (default 5)
  --out <folder>     where JSON and CSV of the samples go (default .mooring/soak)
  --help             this text`;

/** @throws Error whose message says what is wrong with the arguments */
export function readSoakCommand(args: readonly string[]): SoakCommand | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      backend: { type: 'string', default: 'failover' },
      sample: { type: 'string', default: '5' },
      out: { type: 'string', default: '.mooring/soak' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  return {
    backend: backendOf(values.backend),
    minutes: wholeNumber('minutes', values.minutes, 10_000),
    sampleSeconds: wholeNumber('sample', values.sample, 600),
    folder: values.out,
  };
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`--${option} must be a whole number from 1 to ${max}, not "${text}"`);
}
