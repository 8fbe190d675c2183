import { describe, expect, it } from '@jest/globals';
import { CronSchedule, cronFault, isTimeZone } from './cron-schedule.ts';

const at = (text: string): number => Date.parse(text);
const shown = (time: number | undefined): string => (time === undefined ? 'never' : new Date(time).toISOString());

describe('a schedule', () => {
  it('says when a task is due next, and when it was last', () => {
    const hourly = new CronSchedule('0 * * * *', 'UTC');
    expect(shown(hourly.next(at('2026-11-21T10:00:00.000Z')))).toBe('2026-11-21T11:00:00.000Z');
    expect(shown(hourly.next(at('2026-11-21T10:59:59.999Z')))).toBe('2026-11-21T11:00:00.000Z');
    expect(shown(hourly.previous(at('2026-11-21T11:00:00.000Z')))).toBe('2026-11-21T11:00:00.000Z');
    expect(shown(hourly.previous(at('2026-11-21T10:59:59.999Z')))).toBe('2026-11-21T10:00:00.000Z');
    expect(hourly.intervalAt(at('2026-11-21T10:30:00.000Z'))).toBe(3_600_000);
  });

  it('goes by the clocks of its time zone', () => {
    const nightly = new CronSchedule('30 3 * * *', 'Europe/Berlin');
    expect(shown(nightly.next(at('2026-07-01T00:00:00.000Z')))).toBe('2026-07-01T01:30:00.000Z');
    expect(shown(nightly.next(at('2026-12-01T00:00:00.000Z')))).toBe('2026-12-01T02:30:00.000Z');
    const monthly = new CronSchedule('0 0 1 * *', 'America/New_York');
    expect(shown(monthly.previous(at('2026-11-21T00:00:00.000Z')))).toBe('2026-11-01T04:00:00.000Z');
  });

  it.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'])(
    'never stands still nor goes back where clocks in %s change',
    (zone) => {
      const hourly = new CronSchedule('0 * * * *', zone);
      for (const day of ['2026-03-07', '2026-03-28', '2026-04-04', '2026-10-03', '2026-10-24', '2026-10-31']) {
        let time = at(`${day}T12:00:00.000Z`);
        for (let count = 0; count < 30; count += 1) {
          const next = hourly.next(time);
          expect(next - time).toBeGreaterThan(0);
          expect(next - time).toBeLessThanOrEqual(2 * 3_600_000);
          time = next;
        }
      }
    },
  );

  it.each(['', 'hourly', '0 * * *', '61 * * * *', '0 0 31 2 *', '* * * * * * *'])('%j is none', (expression) => {
    expect(cronFault(expression)).toContain('must be a cron expression');
  });

  it.each(['0 * * * *', '*/5 * * * *', '0 */15 * * * *', '@hourly', '0 4 * * mon-fri'])('%j is one', (expression) => {
    expect(cronFault(expression)).toBeUndefined();
  });

  it('knows time zones', () => {
    expect(['UTC', 'Europe/Berlin', 'Europe/Atlantis', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  });
});
