import { DateTime, IANAZone } from 'luxon';
import type { EpochMs } from '@mooring/session-store';
import { UsageLimitError, wholeNumber } from './errors.ts';

/** A day or month of the calendar, or any stretch of so many milliseconds. */
export type BudgetPeriod = 'day' | 'month' | { readonly rollingMs: number };

/** One count that an amount goes to. */
export interface PeriodCount {
  /** The same for all amounts of one period. */
  readonly label: string;
  readonly endsAt: EpochMs;
}

/** A rolling period is counted in stretches that begin a sixth of it apart. */
const STEPS = 6;
const MINUTE_MS = 60_000;
const LONGEST_MS = 200 * 86_400_000;

/** @throws UsageLimitError */
export function checkPeriod(name: string, period: BudgetPeriod, timeZone: string): void {
  if (!IANAZone.isValidZone(timeZone)) throw new UsageLimitError('timeZone must be a name like Europe/Berlin or UTC');
  if (period === 'day' || period === 'month') return;
  if (typeof period !== 'object') throw new UsageLimitError(`${name}.period must be day, month or { rollingMs }`);
  wholeNumber(`${name}.period.rollingMs`, period.rollingMs, MINUTE_MS, LONGEST_MS);
}

/**
 * The counts that an amount spent now goes to, all of which must have room. Of a day or month it is one. A rolling period
 * has seven, each as long as the period and a step more: whatever stretch of the period's length is looked at lies within
 * one of them, so none ever holds more than the limit. What was spent is free again up to one step late.
 */
export function countsOf(period: BudgetPeriod, timeZone: string, now: EpochMs): PeriodCount[] {
  if (typeof period === 'object') {
    const stepMs = Math.ceil(period.rollingMs / STEPS);
    const lengthMs = stepMs * (STEPS + 1);
    const newest = Math.floor(now / stepMs);
    return Array.from({ length: STEPS + 1 }, (_, back) => {
      const start = (newest - back) * stepMs;
      return { label: `${period.rollingMs}ms-${newest - back}`, endsAt: start + lengthMs };
    });
  }
  const local = DateTime.fromMillis(now, { zone: timeZone });
  const label = local.toFormat(period === 'day' ? 'yyyy-MM-dd' : 'yyyy-MM');
  return [{ label, endsAt: local.endOf(period).toMillis() + 1 }];
}

/** The count that says most of what was spent: of a rolling period the one that began first. */
export function currentCount(period: BudgetPeriod, timeZone: string, now: EpochMs): PeriodCount {
  return countsOf(period, timeZone, now).at(-1) as PeriodCount;
}
