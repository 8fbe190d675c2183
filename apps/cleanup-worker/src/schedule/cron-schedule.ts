import { CronTime } from 'cron';
import type { EpochMs } from '@mooring/session-store';

const MINUTE_MS = 60_000;
/** How far back to look for the time before, step by step: an hour, a day, a month, a year. */
const LOOKS_BACK_MS = [60, 1440, 44_640, 527_040].map((minutes) => minutes * MINUTE_MS);

/** When a task is due: a cron expression in a time zone. */
export class CronSchedule {
  private readonly time: CronTime;

  /** @throws Error when the expression or the zone is none; `cronFault` says so before. */
  constructor(
    readonly expression: string,
    readonly timeZone: string,
  ) {
    this.time = new CronTime(expression, timeZone);
  }

  /** The first time after that one. */
  next(after: EpochMs): EpochMs {
    return this.time.getNextDateFrom(new Date(after), this.timeZone).toMillis();
  }

  /** The last time up to that one; undefined when there was none in a year. */
  previous(before: EpochMs): EpochMs | undefined {
    for (const backMs of LOOKS_BACK_MS) {
      let found: EpochMs | undefined;
      for (let time = this.next(before - backMs); time <= before; time = this.next(time)) found = time;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** From that time to the next. */
  intervalAt(time: EpochMs): number {
    const next = this.next(time);
    return this.next(next) - next;
  }
}

/** What is wrong with an expression, in words; undefined when nothing is. */
export function cronFault(expression: string): string | undefined {
  try {
    new CronSchedule(expression, 'UTC').next(Date.now());
    return undefined;
  } catch {
    return 'must be a cron expression of five fields, or six with seconds, that comes round: `0 * * * *` is every hour';
  }
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
