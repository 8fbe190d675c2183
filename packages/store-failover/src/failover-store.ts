import type {
  AttemptStore,
  BudgetStore,
  LeaseStore,
  Ping,
  RateLimitStore,
  Result,
  SessionPoolStore,
  SessionStore,
  StoreBackend,
  StoreCapabilities,
  SweepBatch,
  SweepRequest,
} from '@mooring/session-store';
import { Validation } from '@mooring/session-store/adapter';
import { Accelerator } from './accelerator/accelerator.ts';
import { Breaker } from './accelerator/breaker.ts';
import { Notices } from './accelerator/notices.ts';
import { AuthorityTime } from './authority-time.ts';
import { CopyDesk } from './copy-desk.ts';
import { EpochRecord } from './epochs/epoch-record.ts';
import { Epochs } from './epochs/epochs.ts';
import { FailoverSessions } from './failover-sessions.ts';
import { Telling } from './observer.ts';
import type { FailoverState } from './observer.ts';
import { settingsOf } from './options.ts';
import type { FailoverSettings, FailoverStoreOptions } from './options.ts';

/**
 * An authority that decides everything, and an accelerator with copies of its sessions. All other ports are the
 * authority's own. Made by `createFailoverStore`.
 */
export class FailoverStore implements StoreBackend {
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  readonly sessions: SessionStore;
  readonly limits: RateLimitStore;
  readonly attempts: AttemptStore;
  readonly budgets: BudgetStore;
  readonly leases: LeaseStore;
  readonly pool: SessionPoolStore;
  private readonly authority: StoreBackend;
  private readonly accelerator: Accelerator;
  private readonly epochs: Epochs;
  private closing: Promise<void> | undefined;

  constructor(private readonly settings: FailoverSettings) {
    const { authority, copies, timer, clock, copyTtlMs, maxStalenessMs } = settings;
    this.authority = authority;
    this.name = `${authority.name}+${copies.name}`;
    ({
      capabilities: this.capabilities,
      limits: this.limits,
      attempts: this.attempts,
      budgets: this.budgets,
      leases: this.leases,
      pool: this.pool,
    } = authority);
    const telling = new Telling(settings.observer);
    const notices = new Notices(copies.name, settings);
    const time = new AuthorityTime(authority, timer, clock);
    this.accelerator = new Accelerator(copies, new Breaker(settings), notices, telling, timer);
    const record = new EpochRecord(authority.sessions, maxStalenessMs);
    this.epochs = new Epochs(record, this.accelerator, time, telling, settings);
    const desk = new CopyDesk(this.epochs, this.accelerator, time, telling, copyTtlMs);
    const validation = new Validation(authority.name, authority.capabilities);
    this.sessions = new FailoverSessions(authority.sessions, validation, this.epochs, desk, time);
  }

  /** Whether the accelerator is in use, and if not, why. */
  get state(): FailoverState {
    return this.accelerator.state;
  }

  /** Whether a copy could answer now. It may also be too early, or another process may use another accelerator. */
  get usesCopies(): boolean {
    return this.epochs.pass() !== undefined;
  }

  sweep(request: SweepRequest): Promise<Result<SweepBatch, 'stale'>> {
    return this.authority.sweep(request);
  }

  ping(): Promise<Ping> {
    return this.authority.ping();
  }

  /** Closes the authority and the copies. */
  close(): Promise<void> {
    this.epochs.close();
    return (this.closing ??= this.closeBoth());
  }

  /** Asks both once. That one does not answer is no failure: calls will say so, or do without it. */
  async start(): Promise<void> {
    await this.epochs.look().catch(() => {});
  }

  private async closeBoth(): Promise<void> {
    const { authority, copies } = this.settings;
    const outcomes = await Promise.allSettled([authority.close(), copies.close()]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

/**
 * Opens the store over an open authority and open copies, and takes both over. An accelerator that does not answer is no
 * failure. Rejects with a `StoreError` `misconfigured` when the options are wrong; then both stay open.
 */
export async function createFailoverStore(options: FailoverStoreOptions): Promise<FailoverStore> {
  const store = new FailoverStore(settingsOf(options));
  await store.start();
  return store;
}
