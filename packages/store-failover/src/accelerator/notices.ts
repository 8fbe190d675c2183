import { StoreError } from '@mooring/session-store';
import type { Timer } from '../timer.ts';

export interface NoticeSettings {
  readonly warnIntervalMs: number;
  readonly timer: Timer;
  readonly log: (message: string) => void;
  readonly warn: (message: string) => void;
}

/** Says which store is in use: one warning in an interval, and one line when what was warned of is over. */
export class Notices {
  private said: 'nothing' | 'connected' | 'away' = 'nothing';
  private warnedAt = -Infinity;
  private readonly label: string;

  constructor(
    name: string,
    private readonly settings: NoticeSettings,
  ) {
    this.label = name.slice(0, 1).toUpperCase() + name.slice(1);
  }

  connected(): void {
    if (this.said === 'connected') return;
    this.said = 'connected';
    this.settings.log(`✓ Connected to ${this.label} for session storage`);
  }

  away(cause: unknown): void {
    const now = this.settings.timer.now();
    if (now - this.warnedAt < this.settings.warnIntervalMs) return;
    this.warnedAt = now;
    this.said = 'away';
    const [code, message] = cause instanceof StoreError ? [cause.code, `: ${cause.message}`] : ['unknown', ''];
    const what = code === 'unavailable' ? `Failed to connect to ${this.label}` : `${this.label} fails (${code})`;
    this.settings.warn(`Using database for session storage. ${what}${message}`);
  }
}
