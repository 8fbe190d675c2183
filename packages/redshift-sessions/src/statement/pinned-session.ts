import { WarehouseError } from '../errors.ts';
import type { HeldSession } from '../pool/held-session.ts';
import type { RunningStatement } from './running-statement.ts';
import type { Order, RunParts } from './order.ts';
import { lostSession } from './session-run.ts';
import type { SessionRun } from './session-run.ts';

/**
 * A session for one client: temporary tables, SET and transactions stay in it from statement to statement. Statements
 * run one after the other, in the order they came. It counts against the caps until it is closed, is never given to
 * anybody else, and is closed at the warehouse afterwards. When it is lost, every later statement says so.
 */
export class PinnedSession {
  private turn: Promise<unknown> = Promise.resolve();
  private state: 'open' | 'closed' | 'lost' = 'open';

  constructor(
    private readonly session: HeldSession,
    private readonly parts: RunParts,
    private readonly run: SessionRun,
  ) {}

  get sessionId(): string {
    return this.session.sessionId ?? '';
  }

  /** Runs the order when those before it ended, and answers when it is accepted. */
  execute(order: Order): Promise<RunningStatement> {
    const accepted = this.turn.then(() => this.start(order));
    this.turn = accepted.then((statement) => statement.wait()).catch(() => undefined);
    return accepted;
  }

  /** Waits for what still runs, then closes the session: an open transaction is rolled back. Again: does nothing. */
  async close(): Promise<void> {
    if (this.state === 'closed') return;
    const wasOpen = this.state === 'open';
    this.state = 'closed';
    await this.turn;
    if (wasOpen) await this.parts.pool.drain(this.session);
  }

  private async start(order: Order): Promise<RunningStatement> {
    if (this.state === 'closed') {
      throw new WarehouseError({ code: 'closed', message: 'The pinned session is closed.' });
    }
    const now = this.parts.clock.now();
    if (this.state === 'lost' || !this.session.mayCall(now)) throw this.lost();
    try {
      return await this.run.pinned(order, this.session);
    } catch (error) {
      if (error instanceof WarehouseError && ['session_lost', 'outcome_unknown'].includes(error.code))
        this.state = 'lost';
      throw error;
    }
  }

  private lost(): WarehouseError {
    this.state = 'lost';
    return lostSession();
  }
}
