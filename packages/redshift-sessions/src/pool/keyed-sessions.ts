import type { CancelTimer, EpochMs, PoolKey } from '@mooring/session-store';
import type { HeldSession } from './held-session.ts';
import { jittered } from '../random.ts';
import type { PoolParts } from './pool-parts.ts';
import { WaitingLine } from './waiting-line.ts';
import type { Turn, WaitRequest } from './waiting-line.ts';

const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 500;

/** What the sessions of one key ask of the pool. */
export interface PoolLinks {
  ask(): Promise<HeldSession | 'key_full' | 'target_full'>;
  giveBack(session: HeldSession): Promise<void>;
  expire(session: HeldSession): Promise<void>;
  giveUp(slot: HeldSession): Promise<void>;
  /** Its lease may have ended: whoever has it now, it is not this process. */
  forget(session: HeldSession): void;
  makeRoom(): Promise<boolean>;
  /** Calls back when it is this key's turn to ask a full target again; the answer says whether it does. */
  whenRoom(turn: () => boolean): CancelTimer;
  emptied(): void;
}

/** The sessions of one key that this process holds, and who waits for one. */
export class KeyedSessions {
  private readonly line: WaitingLine;
  private readonly held = new Set<HeldSession>();
  /** Used last at the end: reused first, so that what is too many idles out. */
  private readonly idle: HeldSession[] = [];
  private asking = 0;
  private retryMs = FIRST_RETRY_MS;
  private cancelRetry: CancelTimer | undefined;
  private wanted = false;
  /** A session was closed to make room; its slot is free at the warehouse's pace, so no second one until then. */
  private roomAt: EpochMs = 0;
  private closing = false;

  constructor(
    readonly key: PoolKey,
    private readonly parts: PoolParts,
    private readonly links: PoolLinks,
  ) {
    this.line = new WaitingLine(parts.clock, parts.options.maxWaiting);
  }

  get size(): number {
    return this.held.size;
  }

  get longestIdle(): HeldSession | undefined {
    return this.idle[0];
  }

  async acquire(request: WaitRequest): Promise<Turn> {
    const { clock, observer } = this.parts;
    const now = clock.now();
    const session = this.line.length === 0 ? this.takeIdle(now) : undefined;
    if (session !== undefined) {
      session.heldSince = now;
      observer.sessionWaited?.(this.key.tenantId, 0);
      return session;
    }
    const turn = this.line.join(request);
    this.serve();
    const served = await turn;
    if (served !== null) served.heldSince = clock.now();
    observer.sessionWaited?.(this.key.tenantId, clock.now() - now);
    return served;
  }

  /** A clean session is free again: for who waits, for other processes that want it, or kept for later. */
  put(session: HeldSession): void {
    if (this.closing) {
      void this.links.giveBack(session);
    } else if (this.wanted) {
      this.wanted = false;
      // Others ask again within LONGEST_RETRY_MS; asking before would take the session from under them.
      this.stopRetry();
      this.askAfter(2 * LONGEST_RETRY_MS);
      void this.links.giveBack(session);
    } else if (!this.line.serve(session)) {
      session.idleSince = this.parts.clock.now();
      this.idle.push(session);
    }
    this.serve();
  }

  /** Serves those who wait: from what is idle here, else by asking the store, one question per waiter at most. */
  serve(): void {
    const { clock, options } = this.parts;
    while (this.line.length > 0) {
      const session = this.takeIdle(clock.now());
      if (session === undefined) break;
      this.line.serve(session);
    }
    if (this.held.size + this.asking >= options.maxSessionsPerKey && this.line.length > this.asking) this.line.full();
    while (
      this.cancelRetry === undefined &&
      this.line.length > this.asking &&
      this.held.size + this.asking < options.maxSessionsPerKey
    ) {
      void this.ask();
    }
    this.leaveWhenEmpty();
  }

  /** Another process was refused a session for want of what this one holds. */
  wantedElsewhere(): void {
    const session = this.line.length === 0 ? this.idle.shift() : undefined;
    if (session === undefined) this.wanted = true;
    else void this.links.giveBack(session);
  }

  returnIdle(now: EpochMs): void {
    for (const session of [...this.idle]) {
      if (!session.usable(now)) {
        this.takeOut(session);
        void this.links.expire(session);
      } else if (now - session.idleSince >= this.parts.options.idleReturnMs) {
        this.takeOut(session);
        void this.links.giveBack(session);
      }
    }
  }

  takeOut(session: HeldSession): HeldSession {
    const index = this.idle.indexOf(session);
    if (index !== -1) this.idle.splice(index, 1);
    return session;
  }

  joined(session: HeldSession): void {
    this.held.add(session);
  }

  left(session: HeldSession): void {
    this.held.delete(session);
    this.takeOut(session);
    this.leaveWhenEmpty();
  }

  async close(reason: Error): Promise<void> {
    this.closing = true;
    this.stopRetry();
    this.line.fail(reason);
    await Promise.all(this.idle.splice(0).map((session) => this.links.giveBack(session)));
  }

  private takeIdle(now: EpochMs): HeldSession | undefined {
    for (;;) {
      const session = this.idle.pop();
      if (session === undefined) return undefined;
      if (!session.mayCall(now)) this.links.forget(session);
      else if (session.usable(now)) return session;
      else void this.links.expire(session);
    }
  }

  private async ask(): Promise<void> {
    this.asking += 1;
    let answer: Awaited<ReturnType<PoolLinks['ask']>>;
    try {
      answer = await this.links.ask();
    } catch (error) {
      this.asking -= 1;
      this.line.fail(error);
      return this.leaveWhenEmpty();
    }
    this.asking -= 1;
    if (typeof answer === 'string') return this.refusedByStore(answer);
    this.retryMs = FIRST_RETRY_MS;
    this.stopRetry();
    if (answer.sessionId !== null) this.put(answer);
    else if (!this.line.serve(answer)) void this.links.giveUp(answer);
    this.serve();
  }

  private async refusedByStore(reason: 'key_full' | 'target_full'): Promise<void> {
    const now = this.parts.clock.now();
    this.line.full();
    if (this.line.length === 0) return this.leaveWhenEmpty();
    if (this.cancelRetry !== undefined) return;
    if (reason === 'target_full') {
      this.cancelRetry = this.links.whenRoom(() => this.retry());
      if (now >= this.roomAt) await this.makeRoom(now);
    } else {
      this.askAfter(jittered(this.retryMs, this.parts.random));
      this.retryMs = Math.min(LONGEST_RETRY_MS, this.retryMs * 2);
    }
  }

  private async makeRoom(now: EpochMs): Promise<void> {
    this.roomAt = now + this.parts.options.drainMs;
    try {
      if (!(await this.links.makeRoom())) this.roomAt = 0;
    } catch (error) {
      this.roomAt = 0;
      this.parts.observer.warning?.('Session pool: making room in a full target failed.', error);
    }
  }

  private askAfter(delayMs: number): void {
    this.cancelRetry ??= this.parts.clock.after(delayMs, () => this.retry());
  }

  private retry(): boolean {
    this.cancelRetry = undefined;
    const asked = this.asking;
    this.serve();
    return this.asking > asked;
  }

  private leaveWhenEmpty(): void {
    const inUse = this.line.length + this.held.size + this.asking > 0 || this.cancelRetry !== undefined;
    if (!inUse) this.links.emptied();
  }

  private stopRetry(): void {
    this.cancelRetry?.();
    this.cancelRetry = undefined;
  }
}
