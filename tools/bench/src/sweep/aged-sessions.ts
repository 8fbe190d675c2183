import type { Stock } from '../stock/stock.ts';
import type { Visitor } from '../stores/contender.ts';
import { IDLE_TIMEOUT_MS, newSubject, newVisitor } from '../stores/visitors.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What the clock says while sessions are swept: live and expired ones have their deadlines in the same hour then. */
const MINUTES_PAST = 20;

/** Fills a stock with sessions that were last used at certain times, and sets its clock to the time of the sweep. */
export class AgedSessions {
  private readonly nowShiftMs: number;

  constructor(private readonly stock: Stock) {
    const now = Date.now();
    this.nowShiftMs = Math.floor(now / HOUR_MS) * HOUR_MS + MINUTES_PAST * MINUTE_MS - now;
  }

  /** Used within the last 20 minutes. */
  live(count: number): Promise<readonly Visitor[]> {
    return this.fill(count, 20, 0);
  }

  /** Ended within the last hour: what an hourly sweep finds. */
  expired(count: number): Promise<readonly Visitor[]> {
    return this.fill(count, 60, IDLE_TIMEOUT_MS + 1000);
  }

  /** A part of them for each of so many minutes before the youngest. */
  private async fill(count: number, minutes: number, youngestMs: number): Promise<readonly Visitor[]> {
    const { clock } = this.stock;
    const visitors = Array.from({ length: count }, () => newVisitor(newSubject()));
    const each = Math.ceil(count / minutes);
    for (let minute = 0; minute < minutes; minute += 1) {
      clock.shiftMs = this.nowShiftMs - youngestMs - minute * MINUTE_MS;
      await this.stock.fill(visitors.slice(minute * each, (minute + 1) * each));
    }
    clock.shiftMs = this.nowShiftMs;
    return visitors;
  }
}
