import { DataApiError } from '../data-api/data-api-error.ts';
import type { SqlParameter } from '../data-api/data-api.ts';
import { WarehouseError } from '../errors.ts';
import type { HeldSession } from '../pool/held-session.ts';
import type { Order, RunParts } from './order.ts';
import { jittered } from '../random.ts';
import { RunningStatement } from './running-statement.ts';
import { sleep } from '../sleep.ts';
import { SessionRefused, Submission } from './submission.ts';
import type { Accepted } from './submission.ts';

/** The long poll of a submission: short, so that a slow statement's id and session are known soon. */
export const SUBMIT_WAIT_SECONDS = 1;
const RETRY_SESSION_MS = 50;

/** The session was of no use, and another is tried; or the warehouse has no room for one, which was waited for. */
type Unused = 'replace' | 'full';

interface RunContext {
  readonly startedAt: number;
  /** The session does not go back to the pool when the statement ends. */
  readonly keep?: boolean;
  /** A client has the session already, and keeps it when the statement is refused. */
  readonly isClients?: boolean;
  /** This run opened the session. */
  readonly opened?: boolean;
}

/** Runs orders on pooled sessions, or without one. */
export class SessionRun {
  constructor(private readonly parts: RunParts) {}

  /** On a connection of its own that ends with it. */
  async detached(order: Order, startedAt = this.parts.clock.now()): Promise<RunningStatement> {
    const { clock, observer } = this.parts;
    const queuedMs = clock.now() - startedAt;
    observer.sessionMiss?.(order.key.tenantId);
    const accepted = await this.submission(order).accept(order.connection, this.call(order));
    return this.running(order, accepted, { startedAt, sentAt: startedAt + queuedMs, reused: false });
  }

  /** On a session of the pool: one that is open, or one that the statement opens. */
  async pooled(order: Order): Promise<RunningStatement> {
    const startedAt = this.parts.clock.now();
    return this.onSession(order, startedAt, async (session) => {
      if (session === null) return this.detached(order, startedAt);
      if (session.sessionId !== null) return this.reuse(order, session, { startedAt });
      if (this.parts.options.initStatements.length === 0) return this.open(order, session, { startedAt });
      const opened = await this.initialise(order, session, startedAt);
      return typeof opened === 'string' ? opened : this.reuse(order, opened, { startedAt, opened: true });
    });
  }

  /** A session that leaves the pool for one client. `order` is a statement that changes nothing, to try it with. */
  async pin(order: Order): Promise<HeldSession> {
    const startedAt = this.parts.clock.now();
    return this.onSession(order, startedAt, async (session) => {
      if (session === null) throw this.noSession();
      if (session.sessionId === null && this.parts.options.initStatements.length > 0) {
        const initialised = await this.initialise(order, session, startedAt);
        if (typeof initialised === 'string') return initialised;
      } else {
        const run = { startedAt, keep: true };
        const tried =
          session.sessionId === null ? await this.open(order, session, run) : await this.reuse(order, session, run);
        if (typeof tried === 'string') return tried;
        if ((await this.opened(tried, session, order)) === 'replace') return 'replace';
      }
      await this.parts.pool.markDirty(session, 'dirty').catch(async (error: unknown) => {
        await this.parts.pool.drain(session);
        throw error;
      });
      return session;
    });
  }

  /** On this very session, which is not replaced when it is gone. */
  async pinned(order: Order, session: HeldSession): Promise<RunningStatement> {
    const statement = await this.reuse(order, session, {
      startedAt: this.parts.clock.now(),
      keep: true,
      isClients: true,
    });
    if (statement === 'replace') throw lostSession();
    return statement;
  }

  /**
   * Tries sessions until one is of use: each that turns out to be gone or busy is replaced by another. Room at the warehouse
   * is waited for as long as for a session.
   */
  private async onSession<T>(
    order: Order,
    startedAt: number,
    use: (session: HeldSession | null) => Promise<T | Unused>,
  ): Promise<T> {
    const { clock, options, pool } = this.parts;
    for (let replaced = 0; replaced <= options.maxSessionsPerKey + 1;) {
      const session = await pool.acquire(order.key, {
        overflow: order.overflow,
        waitTimeoutMs: Math.max(1, order.waitTimeoutMs - (clock.now() - startedAt)),
        ...(order.signal === undefined ? {} : { signal: order.signal }),
      });
      const used = await use(session);
      if (used !== 'replace' && used !== 'full') return used;
      if (used === 'replace') replaced += 1;
    }
    throw this.noSession();
  }

  /** Opens a session with the init statements and waits for them. */
  private async initialise(order: Order, slot: HeldSession, startedAt: number): Promise<HeldSession | Unused> {
    const { api, options } = this.parts;
    const init: Order = {
      ...order,
      work: (call) => api.executeBatch(options.initStatements, { ...call, executionMode: 'AUTO_COMMIT' }),
      batch: true,
      parameters: [],
      effect: 'pure',
    };
    const { statementName: _, ...unnamed } = init;
    const statement = await this.open(unnamed, slot, { startedAt, keep: true });
    if (typeof statement === 'string') return statement;
    return (await this.opened(statement, slot, order)) === 'replace' ? 'replace' : slot;
  }

  /** Waits for the first statements of a session; `replace`: they ended with it. */
  private async opened(first: RunningStatement, session: HeldSession, { signal }: Order): Promise<'open' | 'replace'> {
    const { pool } = this.parts;
    const putAside = (): void => {
      // It may still run, and may not have done what it was there for.
      session.left = 'dirty';
      void pool.quarantine(session);
    };
    const state = await first.wait().catch((error: unknown) => {
      putAside();
      throw error;
    });
    if (state.status === 'finished') return 'open';
    if (state.status === 'cancelled') {
      putAside();
      signal?.throwIfAborted();
      return 'replace';
    }
    await pool.drain(session);
    const said = state.subStatements.find((part) => part.error !== undefined)?.error ?? state.error;
    throw new WarehouseError({
      code: state.status === 'timed_out' ? 'statement_timeout' : 'invalid_request',
      message: `A session opened, but its first statements ended as ${state.status}: ${said ?? 'no reason given'}.`,
    });
  }

  /** Opens a session in the slot with the statement itself; `replace`: there is no room for one right now. */
  private async open(order: Order, slot: HeldSession, run: RunContext): Promise<RunningStatement | Unused> {
    const { clock, options, pool, observer } = this.parts;
    const sentAt = clock.now();
    slot.runs(sentAt + order.timeoutMs);
    const submission = this.submission(order, () => slot.mayCall(clock.now()));
    let accepted: Accepted;
    try {
      accepted = await submission.accept(order.connection, {
        ...this.call(order),
        keepAliveSeconds: options.keepAliveSeconds,
      });
    } catch (error) {
      // A session that may have opened unseen keeps its slot until it must be closed again.
      const aliveForMs = slot.lifetime(clock.now()).aliveForMs + options.keepAliveSeconds * 1000;
      await pool.vacate(slot, submission.inDoubt ? aliveForMs : 0);
      if (error instanceof DataApiError && error.failure === 'sessions_exceeded') return this.noRoom(order, run);
      if (!(error instanceof SessionRefused)) throw error;
      if (error.mayHaveRun) throw submission.unknownOutcome(error.cause);
      return 'replace';
    }
    observer.sessionMiss?.(order.key.tenantId);
    if (accepted.sessionId === undefined) {
      await pool.vacate(slot);
      return this.running(order, accepted, { ...run, sentAt, reused: false });
    }
    const registered = await pool.opened(slot, accepted.sessionId, order.effect);
    const session = registered ? { session: slot } : { unregistered: accepted.sessionId };
    return this.running(order, accepted, { ...run, ...session, sentAt, reused: false, opened: true });
  }

  private async reuse(order: Order, session: HeldSession, run: RunContext): Promise<RunningStatement | 'replace'> {
    const { clock, pool, observer } = this.parts;
    const sentAt = clock.now();
    const submission = this.submission(order, () => session.mayCall(clock.now()));
    session.runs(sentAt + order.timeoutMs);
    try {
      if (order.effect !== 'pure') await pool.markDirty(session, order.effect);
      const accepted = await this.acceptOn(submission, order, session);
      if (accepted === 'replace') return 'replace';
      if (!run.opened) observer.sessionHit?.(order.key.tenantId);
      return this.running(order, accepted, { ...run, sentAt, reused: !run.opened, session });
    } catch (error) {
      const endedNotBefore = session.usableUntil - this.usableSpanMs;
      if (error instanceof SessionRefused || submission.inDoubt) void pool.quarantine(session);
      else if (run.isClients) session.used(endedNotBefore, clock.now());
      else pool.release(session, endedNotBefore);
      throw error instanceof SessionRefused ? submission.unknownOutcome(error.cause) : error;
    }
  }

  /** Accepted, or `replace`: the session is no use and the statement did not run. */
  private async acceptOn(submission: Submission, order: Order, session: HeldSession): Promise<Accepted | 'replace'> {
    const { clock, options, pool, care } = this.parts;
    const place = { SessionId: session.sessionId ?? '' };
    const giveUpAt = clock.now() + options.resolveUnknownMs;
    let retried = false;
    for (;;) {
      try {
        return await submission.accept(place, this.call(order));
      } catch (error) {
        if (!(error instanceof SessionRefused)) throw error;
        if (!session.mayCall(clock.now())) {
          if (error.mayHaveRun) throw error;
          pool.release(session, clock.now());
          return 'replace';
        }
        const condition = error.unknownSession ? 'closed' : await care.look(place.SessionId);
        if (condition === 'closed') {
          const own = error.mayHaveRun ? await submission.findOwn() : 'not_found';
          if (own === 'not_asked') throw error;
          await pool.expired(session);
          return own === 'not_found' ? 'replace' : { ...own, sentAt: clock.now() };
        }
        if (error.mayHaveRun) {
          if (clock.now() >= giveUpAt) throw error;
          await sleep(clock, RETRY_SESSION_MS * 10);
        } else if (condition === 'available' && !retried) {
          retried = true;
          await sleep(clock, jittered(RETRY_SESSION_MS, this.parts.random));
        } else {
          void pool.quarantine(session);
          return 'replace';
        }
      }
    }
  }

  private running(
    order: Order,
    accepted: Accepted,
    run: RunContext & {
      readonly sentAt: number;
      readonly reused: boolean;
      readonly session?: HeldSession;
      /** A session that only this statement knows, to be closed after it. */
      readonly unregistered?: string;
    },
  ): RunningStatement {
    const { pool, clock, care } = this.parts;
    const { session } = run;
    return new RunningStatement(accepted, this.parts, {
      timeoutMs: order.timeoutMs,
      batch: order.batch,
      sessionReused: run.reused,
      timings: { queuedMs: run.sentAt - run.startedAt, submitMs: clock.now() - run.sentAt },
      ...(order.signal === undefined ? {} : { signal: order.signal }),
      ended: ({ status, endedNotBefore }) => {
        if (run.unregistered !== undefined) void care.close(run.unregistered);
        if (session === undefined) return;
        if (run.keep) session.used(endedNotBefore, clock.now());
        // A cancelled statement, or a first one that failed, may have taken the session along.
        else if (status === undefined || status === 'ABORTED' || (run.opened && status === 'FAILED')) {
          void pool.quarantine(session);
        } else pool.release(session, endedNotBefore);
      },
    });
  }

  private async noRoom(order: Order, run: RunContext): Promise<RunningStatement | 'full'> {
    const { clock, pool } = this.parts;
    if (order.overflow === 'ephemeral' && !run.keep) return this.detached(order, run.startedAt);
    const leftMs = order.waitTimeoutMs - (clock.now() - run.startedAt);
    if (order.overflow === 'reject' || leftMs <= 0) throw this.noSession();
    await pool.makeRoom(order.key).catch(() => false);
    await sleep(clock, Math.min(leftMs, 1_000), order.signal);
    return 'full';
  }

  private submission(order: Order, isHeld?: () => boolean): Submission {
    return new Submission(this.parts, order.statementName, order.work, order.signal, isHeld);
  }

  private call(order: Order): { waitSeconds: number; parameters: readonly SqlParameter[] } {
    return { waitSeconds: SUBMIT_WAIT_SECONDS, parameters: order.parameters };
  }

  private get usableSpanMs(): number {
    return this.parts.options.keepAliveSeconds * 1000 - this.parts.options.keepAliveMarginMs;
  }

  private noSession(): WarehouseError {
    return new WarehouseError({
      code: 'pool_exhausted',
      message: 'The warehouse has no room for another session right now.',
      retryAfterMs: 5_000,
    });
  }
}

export function lostSession(): WarehouseError {
  return new WarehouseError({
    code: 'session_lost',
    message: 'The session is gone, with its temporary tables, settings and open transaction. Open a new one.',
  });
}
