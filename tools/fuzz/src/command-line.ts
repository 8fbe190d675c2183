import { parseArgs } from 'node:util';

export const USAGE = `npm run fuzz                                    the targets there are
npm run fuzz -- <target> --minutes 60 --seed 1  feeds one until something is found

--minutes <n>  how long; 10 unless given
--seed <n>     where the inputs begin; the time unless given. The same seed gives the same inputs
--keep         writes a finding into the corpus`;

export interface Command {
  readonly target: string | undefined;
  readonly minutes: number;
  readonly seed: number;
  readonly keep: boolean;
}

/** @throws TypeError that says what is wrong */
export function readCommand(args: readonly string[], now: number): Command | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(now % 2_000_000_000) },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (positionals.length > 1) throw new TypeError('One target at a time');
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes > 0)) throw new TypeError('--minutes takes a number above 0');
  if (!Number.isInteger(seed) || seed < 0 || seed > 2_000_000_000)
    throw new TypeError('--seed takes a whole number from 0 to 2,000,000,000');
  return { target: positionals[0], minutes, seed, keep: values.keep };
}
