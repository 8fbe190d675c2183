import { readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * Loaded into a service with `--import`: on SIGUSR2 its wall clock differs from now on by as many milliseconds as the file
 * says that the query of this module's URL names. Timers and `performance` go on, as they do when an operator or NTP sets
 * the clock of a machine.
 */
const file = new URL(import.meta.url).searchParams.get('file') ?? '';
const RealDate = Date;
let shiftMs = 0;

function now(): number {
  return RealDate.now() + shiftMs;
}

class JumpingDate extends RealDate {
  static override now(): number {
    return now();
  }

  constructor(...values: readonly unknown[]) {
    super(...((values.length === 0 ? [now()] : values) as [number]));
  }
}

globalThis.Date = JumpingDate as DateConstructor;
process.on('SIGUSR2', () => {
  shiftMs = Number(readFileSync(file, 'utf8'));
});
