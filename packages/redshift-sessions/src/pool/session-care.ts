import { randomUUID } from 'node:crypto';
import type { Clock } from '@mooring/session-store';
import type { DataApi, ListedSession } from '../data-api/data-api.ts';
import type { WarehouseObserver } from '../observer.ts';
import type { Random } from '../random.ts';
import { sleep } from '../sleep.ts';
import { StatementPoller, isTerminal } from '../statement/statement-poller.ts';

/** A session as the service sees it; `unknown` when it can not be asked (no permission, no answer). */
export type SessionCondition = 'available' | 'busy' | 'closed' | 'unknown';

const LOOK_EVERY_MS = 1_000;
const FAILURES_TOLERATED = 5;
const RESET_TIMEOUT_MS = 30_000;

/**
 * What only the warehouse knows of a session. A busy and a closed session refuse a statement with the same words;
 * ListSessions tells them apart. It allows about 3 calls a second, so looks at one session share an answer.
 */
export class SessionCare {
  private readonly looking = new Map<string, Promise<ListedSession | undefined>>();

  constructor(
    private readonly api: DataApi,
    private readonly clock: Clock,
    private readonly observer: WarehouseObserver,
    private readonly random: Random,
  ) {}

  async look(sessionId: string): Promise<SessionCondition> {
    try {
      return conditionOf(await this.find(sessionId));
    } catch (error) {
      this.observer.warning?.('ListSessions failed; it is what tells busy sessions from closed ones.', error);
      return 'unknown';
    }
  }

  /** Waits until nothing runs in the session, as long as `worthIt` says so. */
  async settled(sessionId: string, worthIt: () => boolean): Promise<SessionCondition> {
    for (let unknown = 0; ;) {
      const condition = await this.look(sessionId);
      unknown = condition === 'unknown' ? unknown + 1 : 0;
      const known = condition === 'available' || condition === 'closed';
      if (known || unknown > FAILURES_TOLERATED || !worthIt()) return condition;
      await sleep(this.clock, LOOK_EVERY_MS);
    }
  }

  /**
   * There is no call that closes a session. A last statement with the shortest keep-alive does: the service reaps the
   * session some tens of seconds later.
   */
  async close(sessionId: string): Promise<boolean> {
    try {
      await this.api.execute('ROLLBACK', {
        place: { SessionId: sessionId },
        keepAliveSeconds: 1,
        statementName: `mooring-drain-${randomUUID()}`,
        clientToken: randomUUID(),
      });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Undoes settings, a changed role and an open transaction, then sets the session up anew. Redshift has no DISCARD;
   * temporary tables and prepared statements stay, so this is not for sessions that may have those.
   */
  async reset(sessionId: string, initStatements: readonly string[]): Promise<boolean> {
    try {
      const submitted = await this.api.executeBatch(
        ['ROLLBACK', 'SET SESSION AUTHORIZATION DEFAULT', 'RESET ALL', ...initStatements],
        {
          place: { SessionId: sessionId },
          executionMode: 'AUTO_COMMIT',
          statementName: `mooring-reset-${randomUUID()}`,
          clientToken: randomUUID(),
          waitSeconds: 1,
        },
      );
      const until = this.clock.now() + RESET_TIMEOUT_MS;
      const status = submitted.status ?? 'SUBMITTED';
      if (isTerminal(status)) return status === 'FINISHED';
      const { description } = await new StatementPoller(this.api, this.clock, this.random).poll(submitted.id, until);
      return description.status === 'FINISHED';
    } catch {
      return false;
    }
  }

  private find(sessionId: string): Promise<ListedSession | undefined> {
    const asked = this.looking.get(sessionId);
    if (asked !== undefined) return asked;
    const answer = this.api.findSession(sessionId).finally(() => this.looking.delete(sessionId));
    this.looking.set(sessionId, answer);
    return answer;
  }
}

function conditionOf(session: ListedSession | undefined): SessionCondition {
  if (session === undefined || session.status === 'CLOSED') return 'closed';
  return session.status === 'BUSY' ? 'busy' : 'available';
}
