import { randomUUID } from 'node:crypto';
import type { EpochMs, PoolKey, PoolLease } from '@mooring/session-store';
import { WarehouseError } from '../errors.ts';
import { FullTarget } from './full-target.ts';
import { HeldSession } from './held-session.ts';
import { KeyedSessions } from './keyed-sessions.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import type { PoolParts } from './pool-parts.ts';
import type { Random } from '../random.ts';
import type { StatementEffect } from '../sql/statement-effect.ts';
import type { Turn, WaitRequest } from './waiting-line.ts';

/**
 * The sessions that this process holds, over those that all processes share. What it holds it gives out without asking
 * the store; it renews its leases in the background, and gives idle sessions back after a while or when others want
 * them.
 */
export class SessionPool {
  readonly holder: string;
  private readonly keys = new Map<string, KeyedSessions>();
  private readonly held = new Set<HeldSession>();
  private readonly full = new Map<string, FullTarget>();
  private readonly keeper: LeaseKeeper;
  private closing = false;
  /** Calls that give something back to the store and have no answer yet. */
  private givingBack = 0;
  private onLeft = (): void => {};

  constructor(
    private readonly parts: PoolParts,
    holder: string = `${process.pid}-${randomUUID()}`,
  ) {
    this.holder = holder;
    this.keeper = new LeaseKeeper(parts, this.held, {
      tick: (now) => this.returnIdle(now),
      wanted: (session) => this.sessionsOf(session.key).wantedElsewhere(),
      lost: (session) => this.lost(session),
      gone: (session) => void this.expired(session),
    });
  }

  /** A session of the key, a slot to open one in (`sessionId` null), or null: run without a session. */
  acquire(key: PoolKey, request: WaitRequest): Promise<Turn> {
    if (this.closing) return Promise.reject(closed());
    return this.sessionsOf(key).acquire(request);
  }

  /**
   * The session opened in the slot. After this others may have it when this process dies. False when the store does not
   * know of it: its statement runs, and then nobody uses it again.
   */
  async opened(session: HeldSession, sessionId: string, effect: StatementEffect): Promise<boolean> {
    const { clock, options, observer, store } = this.parts;
    observer.sessionCreated?.(session.key.tenantId);
    const now = clock.now();
    session.retireAt = now + lifetimeOf(options.maxLifetimeMs, this.parts.random);
    try {
      // Before the session is known: others would have it as a clean one if this process died in between.
      if (effect !== 'pure') await this.markDirty(session, effect);
      const registered = await store.register(session.lease, {
        sessionId,
        ...session.heldLifetime(now),
        retireAfterMs: session.retireAt - now,
      });
      session.lease = registered.ok ? registered.value : { ...session.lease, sessionId };
      if (!registered.ok) this.lost(session);
    } catch (error) {
      observer.warning?.('Session pool: a session that opened could not be registered; it is closed after use.', error);
      session.lost = true;
      this.forget(session);
    }
    return !session.lost;
  }

  /** Before a statement that changes the session: if this process dies, nobody may take it over. */
  async markDirty(session: HeldSession, effect: StatementEffect): Promise<void> {
    if (session.left !== 'dirty') session.left = effect;
    if (session.marked) return;
    const lease = { lease: session.lease, lifetime: session.heldLifetime(this.parts.clock.now()), dirty: true };
    const [renewed] = await this.parts.store.renew([lease], this.parts.options.leaseTtlMs);
    session.marked = true;
    if (renewed?.ok !== true) this.lost(session);
  }

  /** The session's statement ended at `endedNotBefore` or later, and left it clean. */
  release(session: HeldSession, endedNotBefore: EpochMs): void {
    const now = this.parts.clock.now();
    session.used(endedNotBefore, now);
    this.parts.observer.sessionHeld?.(session.key.tenantId, now - session.heldSince);
    if (!session.heldUntil(now)) {
      this.forget(session);
    } else if (!session.usable(now)) {
      void this.drain(session);
    } else if (session.left !== 'pure') {
      void this.clean(session);
    } else {
      this.sessionsOf(session.key).put(session);
    }
  }

  /** What statements left behind is undone where that is safe and asked for; else the session is closed. */
  private async clean(session: HeldSession): Promise<void> {
    const { care, clock, options } = this.parts;
    const resettable = options.dirtySessions === 'reset' && session.left === 'settings' && session.sessionId !== null;
    const startedAt = clock.now();
    session.runs(startedAt + options.statementTimeoutMs);
    if (resettable && (await care.reset(session.sessionId ?? '', options.initStatements))) {
      session.left = 'pure';
      this.release(session, startedAt);
    } else {
      await this.drain(session);
    }
  }

  /** The slot was not used, or the session is known to be closed. */
  async vacate(session: HeldSession, aliveForMs = 0): Promise<void> {
    this.forget(session);
    await this.quietly('discard', this.parts.store.discard(session.lease, aliveForMs));
    this.keys.get(keyText(session.key))?.serve();
  }

  /** The session vanished at the warehouse. */
  async expired(session: HeldSession): Promise<void> {
    this.parts.observer.sessionExpired?.(session.key.tenantId);
    await this.vacate(session);
  }

  /** Too old, or too long unused to be used again; but it may still be open. */
  private outlived(session: HeldSession): Promise<void> {
    this.parts.observer.sessionExpired?.(session.key.tenantId);
    return this.drain(session);
  }

  /** Closes the session at the warehouse and frees its slot once that must have happened. */
  async drain(session: HeldSession): Promise<void> {
    const { care, clock, options } = this.parts;
    // Whoever has it now closes it, or it was closed: a call would only keep it open for longer.
    if (!session.mayCall(clock.now())) return this.forget(session);
    if (session.sessionId === null) return this.vacate(session);
    const drained = await care.close(session.sessionId);
    return this.vacate(session, drained ? options.drainMs : session.lifetime(clock.now()).aliveForMs);
  }

  /** Something else runs in the session, or its state is in doubt: wait until it is free, then use it again. */
  async quarantine(session: HeldSession): Promise<void> {
    const { care, clock, options } = this.parts;
    if (session.sessionId === null) return this.vacate(session);
    session.runs(clock.now() + options.statementTimeoutMs);
    const state = await care.settled(session.sessionId, () => session.heldUntil(clock.now()) && !this.closing);
    if (state === 'available') return this.release(session, clock.now());
    if (state === 'closed') return this.expired(session);
    return this.vacate(session, session.lifetime(clock.now()).aliveForMs);
  }

  /**
   * Makes room in a full target: closes the session of any key that was not used for longest. That is one which a process
   * gave back; only when there is none, the longest idle of this process, which was in use a moment ago.
   */
  async makeRoom(key: PoolKey): Promise<boolean> {
    const { store, options, clock } = this.parts;
    if (!(await this.fullTarget(key.target).mayClose())) return false;
    const sentAt = clock.now();
    const reclaimed = await store.reclaim({
      target: key.target,
      holder: this.holder,
      leaseId: randomUUID(),
      leaseTtlMs: options.leaseTtlMs,
    });
    if (!reclaimed.ok) {
      const own = this.longestIdle(key.target);
      if (own !== undefined) await this.drain(own);
      return own !== undefined;
    }
    const session = this.hold(reclaimed.value, sentAt);
    // The call that closes it keeps it open for a while; that counts also when nobody hears of it afterwards.
    const lifetime = session.heldLifetime(clock.now());
    const [renewed] = await store.renew([{ lease: session.lease, lifetime }], options.leaseTtlMs).catch(() => []);
    if (renewed?.ok !== true) this.lost(session);
    else await this.drain(session);
    return true;
  }

  /** Sessions and slots that this process holds of a key, or of all. */
  size(key?: PoolKey): number {
    return key === undefined ? this.held.size : this.sessionsOf(key).size;
  }

  /**
   * Gives every idle session to the other processes, and each busy one when its statement ends, which is waited for as
   * long as said.
   */
  async close(waitMs: number): Promise<void> {
    this.closing = true;
    await Promise.all([...this.keys.values()].map((sessions) => sessions.close(closed())));
    if (waitMs > 0) await this.emptied(waitMs);
    if (this.held.size === 0) this.keeper.stop();
  }

  private sessionsOf(key: PoolKey): KeyedSessions {
    const text = keyText(key);
    let sessions = this.keys.get(text);
    if (sessions === undefined) {
      sessions = new KeyedSessions(key, this.parts, {
        ask: () => this.ask(key),
        giveBack: (session) => this.giveBack(session),
        expire: (session) => this.outlived(session),
        giveUp: (slot) => this.vacate(slot),
        forget: (session) => this.lost(session),
        makeRoom: () => this.makeRoom(key),
        whenRoom: (turn) => this.fullTarget(key.target).join(turn),
        emptied: () => this.keys.delete(text),
      });
      this.keys.set(text, sessions);
    }
    return sessions;
  }

  private async ask(key: PoolKey): Promise<HeldSession | 'key_full' | 'target_full'> {
    const { store, options, clock } = this.parts;
    const request = {
      key,
      holder: this.holder,
      leaseId: randomUUID(),
      leaseTtlMs: options.leaseTtlMs,
      maxPerKey: options.maxSessionsPerKey,
      maxPerTarget: options.maxSessionsPerTarget,
      aliveForMs: options.statementTimeoutMs + options.keepAliveSeconds * 1000 + options.reapDelayMs,
    };
    const sentAt = clock.now();
    const answer = await store.acquire(request).catch((error: unknown) => {
      if ((error as { outcome?: string }).outcome !== 'unknown') throw error;
      return store.acquire(request);
    });
    // A recovered session may still run what its last holder left: then the warehouse refuses, and it is put aside.
    if (!answer.ok) {
      if (answer.reason === 'target_full') this.fullTarget(key.target).stillFull();
      return answer.reason;
    }
    if (answer.value.sessionId === null) this.full.get(key.target)?.found();
    return this.hold(answer.value, sentAt);
  }

  private fullTarget(target: string): FullTarget {
    let full = this.full.get(target);
    if (full === undefined) this.full.set(target, (full = new FullTarget(target, this.parts)));
    return full;
  }

  private hold(lease: PoolLease, sentAt: EpochMs): HeldSession {
    const { clock, options } = this.parts;
    // The store's clock is not ours: what is left of its deadlines counts from when we asked.
    const storeNow = lease.leaseExpiresAt - options.leaseTtlMs;
    const left = (deadline: EpochMs | null): number => (deadline === null ? 0 : deadline - storeNow);
    const session = new HeldSession(
      lease,
      sentAt + options.leaseTtlMs,
      sentAt + left(lease.usableUntil),
      lease.retireAt === null ? Number.POSITIVE_INFINITY : sentAt + left(lease.retireAt),
      clock.now(),
      options,
    );
    this.held.add(session);
    this.sessionsOf(lease.key).joined(session);
    this.keeper.start();
    return session;
  }

  private async giveBack(session: HeldSession): Promise<void> {
    if (session.marked) return this.drain(session);
    this.forget(session);
    const lifetime = session.lifetime(this.parts.clock.now());
    await this.quietly('release', this.parts.store.release(session.lease, lifetime));
  }

  private returnIdle(now: EpochMs): void {
    for (const sessions of [...this.keys.values()]) sessions.returnIdle(now);
  }

  private longestIdle(target: string): HeldSession | undefined {
    const idle = [...this.keys.values()]
      .filter((sessions) => sessions.key.target === target)
      .map((sessions) => sessions.longestIdle)
      .filter((session) => session !== undefined)
      .sort((a, b) => a.idleSince - b.idleSince)[0];
    return idle === undefined ? undefined : this.sessionsOf(idle.key).takeOut(idle);
  }

  /** Until nothing is held and all that was given back has arrived, or the time is over. */
  private emptied(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.parts.clock.after(waitMs, resolve);
      this.onLeft = () => {
        // What forgets a session begins to give it back in the same turn.
        queueMicrotask(() => {
          if (this.held.size > 0 || this.givingBack > 0) return;
          cancel();
          resolve();
        });
      };
      this.onLeft();
    });
  }

  private lost(session: HeldSession): void {
    if (!session.lost)
      this.parts.observer.warning?.('A session lease was lost to another process or to a late renewal.');
    session.lost = true;
    this.forget(session);
  }

  private forget(session: HeldSession): void {
    this.held.delete(session);
    this.keys.get(keyText(session.key))?.left(session);
    if (this.held.size === 0) this.keeper.stop();
    this.onLeft();
  }

  private async quietly(operation: string, work: Promise<unknown>): Promise<void> {
    this.givingBack += 1;
    try {
      await work;
    } catch (error) {
      this.parts.observer.warning?.(`Session pool: ${operation} failed; the lease ends by itself.`, error);
    } finally {
      this.givingBack -= 1;
      this.onLeft();
    }
  }
}

function keyText(key: PoolKey): string {
  return JSON.stringify([key.target, key.tenantId, key.identity]);
}

/** Up to a tenth less, so that sessions that opened together do not retire together. */
function lifetimeOf(longestMs: number, random: Random): number {
  return Math.round(longestMs * (1 - random() * 0.1));
}

function closed(): WarehouseError {
  return new WarehouseError({ code: 'closed', message: 'The session pool is closed: the process is shutting down.' });
}
