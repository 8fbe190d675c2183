import type { CancelTimer, EpochMs } from '@mooring/session-store';
import type { HeldSession } from './held-session.ts';
import type { PoolParts } from './pool-parts.ts';

export interface KeeperHooks {
  /** Before each renewal: what is not needed any more need not be renewed. */
  tick(now: EpochMs): void;
  wanted(session: HeldSession): void;
  lost(session: HeldSession): void;
  /** Nobody used it for so long that the warehouse has certainly closed it. */
  gone(session: HeldSession): void;
}

/** Renews the leases of a process in the background: one call to the store per target and interval. */
export class LeaseKeeper {
  private cancelTimer: CancelTimer | undefined;
  private renewing = false;

  constructor(
    private readonly parts: Pick<PoolParts, 'store' | 'clock' | 'options' | 'observer'>,
    private readonly held: ReadonlySet<HeldSession>,
    private readonly hooks: KeeperHooks,
  ) {}

  start(): void {
    this.cancelTimer ??= this.parts.clock.after(this.parts.options.renewEveryMs, () => {
      this.cancelTimer = undefined;
      void this.tick();
    });
  }

  stop(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private async tick(): Promise<void> {
    const now = this.parts.clock.now();
    this.hooks.tick(now);
    for (const session of this.held) if (session.gone(now)) this.hooks.gone(session);
    if (this.held.size > 0) this.start();
    if (this.renewing) return;
    this.renewing = true;
    try {
      await Promise.all([...byTarget(this.held).values()].map((sessions) => this.renew(sessions)));
    } catch (error) {
      this.parts.observer.warning?.('Session pool: renewing leases failed; it is tried again.', error);
    } finally {
      this.renewing = false;
    }
  }

  private async renew(sessions: readonly HeldSession[]): Promise<void> {
    const { store, clock, options } = this.parts;
    const sentAt = clock.now();
    const renewals = sessions.map((session) => ({ lease: session.lease, lifetime: session.heldLifetime(sentAt) }));
    const answers = await store.renew(renewals, options.leaseTtlMs);
    for (const [index, session] of sessions.entries()) {
      const answer = answers[index];
      if (answer === undefined || !this.held.has(session)) continue;
      if (!answer.ok) {
        this.hooks.lost(session);
        continue;
      }
      session.leaseUntil = sentAt + options.leaseTtlMs;
      if (answer.value.wanted) this.hooks.wanted(session);
    }
  }
}

function byTarget(sessions: Iterable<HeldSession>): Map<string, HeldSession[]> {
  const targets = new Map<string, HeldSession[]>();
  for (const session of sessions) {
    const target = targets.get(session.key.target);
    if (target === undefined) targets.set(session.key.target, [session]);
    else target.push(session);
  }
  return targets;
}
