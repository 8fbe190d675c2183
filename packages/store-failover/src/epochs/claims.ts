export interface ClaimSettings {
  readonly firstDelayMs: number;
  readonly random: () => number;
}

const LONGEST_DELAY_MS = 30_000;
/** An epoch that lasted as long was no quarrel. */
const LONG_REIGN_MS = 60_000;

/**
 * When a process may begin an epoch. At once, unless the last one did not last: someone can't reach this memory, or uses
 * another, and each epoch that it has to end costs it a wait. Then ever later.
 */
export class Claims {
  private delayMs = 0;
  private notBefore = -Infinity;

  constructor(private readonly settings: ClaimSettings) {}

  isDue(now: number): boolean {
    return now >= this.notBefore;
  }

  /** An epoch of this process's memory is over. */
  lost(now: number, lastedMs: number): void {
    const { firstDelayMs, random } = this.settings;
    this.delayMs = lastedMs >= LONG_REIGN_MS ? 0 : Math.min(LONGEST_DELAY_MS, Math.max(firstDelayMs, this.delayMs * 2));
    this.notBefore = now + this.delayMs * (0.5 + random() / 2);
  }
}
