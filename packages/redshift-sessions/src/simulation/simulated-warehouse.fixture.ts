import { randomUUID } from 'node:crypto';
import type { Clock } from '@mooring/session-store';
import { DataApiError } from '../data-api/data-api-error.ts';
import type {
  CallPlace,
  DataApi,
  ListedSession,
  ListedStatement,
  ResultPage,
  StatementDescription,
  StatementStatus,
  Submitted,
  SubmitOptions,
} from '../data-api/data-api.ts';

export interface SimulationFaults {
  /** Chances from 0 to 1, per call. */
  lostRequest: number;
  lostResponse: number;
  lostSession: number;
  throttled: number;
  /** ListStatements does not answer. */
  blind: number;
}

interface Session {
  readonly id: string;
  readonly identity: string;
  readonly createdAt: number;
  keepAliveMs: number;
  closesAt: number;
  running: number;
  closed: boolean;
  current?: string;
}

interface Statement {
  readonly id: string;
  readonly name: string;
  readonly sessionId?: string;
  status: StatementStatus;
  cancel?: () => void;
  readonly ended: Promise<void>;
}

const BUSY_OR_CLOSED = 'Session is not available';

/**
 * The Data API in virtual time, with the semantics that matter to a pool: one statement per session, busy and closed
 * alike, keep-alive from the end of a statement, tokens run once. SQL is
 * `select <identity> <milliseconds>`: who expects to run it, and for how long it runs. What must never happen is counted in `violations`.
 */
export class SimulatedWarehouse implements DataApi {
  readonly violations: string[] = [];
  readonly runs = new Map<string, number>();
  readonly faults: SimulationFaults = { lostRequest: 0, lostResponse: 0, lostSession: 0, throttled: 0, blind: 0 };
  connectMs = 250;
  latencyMs = 3;
  opened = 0;
  mostOpen = 0;
  calls = 0;
  private readonly sessions = new Map<string, Session>();
  private readonly statements = new Map<string, Statement>();
  private readonly tokens = new Map<string, Submitted>();

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  get open(): number {
    return [...this.sessions.values()].filter((session) => this.isOpen(session)).length;
  }

  closeAll(): void {
    for (const session of this.sessions.values()) session.closed = true;
  }

  async execute(sql: string, options: SubmitOptions): Promise<Submitted> {
    this.calls += 1;
    await this.travel();
    if (this.chance(this.faults.throttled)) throw new DataApiError('throttled', 'Rate exceeded');
    if (this.chance(this.faults.lostRequest)) throw new DataApiError('unknown_outcome', 'socket hang up');
    const submitted = this.accept(sql, options);
    const statement = this.statements.get(submitted.id);
    if (options.waitSeconds !== undefined && statement !== undefined) {
      await Promise.race([statement.ended, this.wait(options.waitSeconds * 1000)]);
    }
    await this.travel();
    if (this.chance(this.faults.lostResponse)) throw new DataApiError('unknown_outcome', 'socket hang up');
    const status = options.waitSeconds === undefined ? {} : { status: statement?.status ?? 'FINISHED' };
    return { ...submitted, ...status, hasResultSet: true };
  }

  async executeBatch(sqls: readonly string[], options: SubmitOptions): Promise<Submitted> {
    return this.execute(sqls.at(-1) ?? '', options);
  }

  async describe(id: string, waitSeconds?: number): Promise<StatementDescription> {
    await this.travel();
    const statement = this.statements.get(id);
    if (statement === undefined) throw new DataApiError('statement_unknown', 'Query does not exist.');
    if (waitSeconds !== undefined) await Promise.race([statement.ended, this.wait(waitSeconds * 1000)]);
    await this.travel();
    return { id, status: statement.status, hasResultSet: true, subStatements: [] };
  }

  async result(): Promise<ResultPage> {
    await this.travel();
    return { columns: [{ name: 'n', typeName: 'int4' }], records: [[{ longValue: 1 }]], totalRows: 1 };
  }

  async cancel(id: string): Promise<void> {
    await this.travel();
    this.statements.get(id)?.cancel?.();
  }

  async findStatements(namePrefix: string): Promise<readonly ListedStatement[]> {
    await this.travel();
    if (this.chance(this.faults.blind)) throw new DataApiError('unknown_outcome', 'socket hang up');
    return [...this.statements.values()].filter(({ name }) => name.startsWith(namePrefix));
  }

  async findSession(sessionId: string): Promise<ListedSession | undefined> {
    await this.travel();
    const session = this.sessions.get(sessionId);
    return session === undefined ? undefined : this.listed(session);
  }

  async listSessions(): Promise<readonly ListedSession[]> {
    await this.travel();
    return [...this.sessions.values()].filter((session) => this.isOpen(session)).map((session) => this.listed(session));
  }

  private accept(sql: string, options: SubmitOptions): Submitted {
    const identity = sql.split(' ')[1] ?? '';
    const session = this.sessionFor(options.place, options);
    const known = this.tokens.get(options.clientToken);
    if (known !== undefined) return known;
    if (session === undefined) return this.start(sql, options, undefined);
    if (sql !== 'ROLLBACK' && session.identity !== identity) {
      this.violations.push(`${identity} ran in a session of ${session.identity}`);
    }
    return this.start(sql, options, session);
  }

  private sessionFor(place: CallPlace, options: SubmitOptions): Session | undefined {
    if ('SessionId' in place) {
      const session = this.sessions.get(place.SessionId);
      if (session === undefined)
        throw new DataApiError('session_unknown', `Session with Id: ${place.SessionId} is invalid`);
      if (this.chance(this.faults.lostSession)) session.closed = true;
      if (!this.isOpen(session) || session.running > 0) throw new DataApiError('session_not_available', BUSY_OR_CLOSED);
      if (options.keepAliveSeconds !== undefined) session.keepAliveMs = options.keepAliveSeconds * 1000;
      return session;
    }
    const known = this.tokens.get(options.clientToken);
    if (options.keepAliveSeconds === undefined || known !== undefined) return undefined;
    const session: Session = {
      id: randomUUID(),
      identity: place.DbUser ?? 'iam',
      createdAt: this.clock.now(),
      keepAliveMs: options.keepAliveSeconds * 1000,
      closesAt: Number.POSITIVE_INFINITY,
      running: 0,
      closed: false,
    };
    this.sessions.set(session.id, session);
    this.opened += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    return session;
  }

  private start(sql: string, options: SubmitOptions, session: Session | undefined): Submitted {
    const id = randomUUID();
    const connectMs = 'SessionId' in options.place ? 0 : this.connectMs;
    const runMs = connectMs + Number(sql.split(' ')[2] ?? 0);
    this.runs.set(options.statementName, (this.runs.get(options.statementName) ?? 0) + 1);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const statement: Statement = {
      id,
      name: options.statementName,
      status: 'STARTED',
      ended,
      ...(session === undefined ? {} : { sessionId: session.id }),
    };
    const finish = (status: StatementStatus) => (): void => {
      if (statement.status !== 'STARTED') return;
      statement.status = status;
      if (session !== undefined) {
        session.running -= 1;
        session.closesAt = this.clock.now() + session.keepAliveMs;
      }
      end();
    };
    statement.cancel = finish('ABORTED');
    if (session !== undefined) {
      session.running += 1;
      session.current = id;
      session.closesAt = Number.POSITIVE_INFINITY;
      if (session.running > 1) this.violations.push('two statements in one session');
    }
    this.clock.after(runMs, finish('FINISHED'));
    this.statements.set(id, statement);
    const submitted = { id, ...(session === undefined ? {} : { sessionId: session.id }) };
    this.tokens.set(options.clientToken, submitted);
    return submitted;
  }

  private listed(session: Session): ListedSession {
    const status = this.isOpen(session) ? (session.running > 0 ? 'BUSY' : 'AVAILABLE') : 'CLOSED';
    return {
      sessionId: session.id,
      status,
      createdAt: session.createdAt,
      ...(status === 'BUSY' && session.current !== undefined ? { currentStatementId: session.current } : {}),
    };
  }

  private isOpen(session: Session): boolean {
    return !session.closed && this.clock.now() < session.closesAt;
  }

  private travel(): Promise<void> {
    return this.wait(this.latencyMs * (0.5 + this.random()));
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(Math.round(ms), resolve);
    });
  }

  private chance(probability: number): boolean {
    return probability > 0 && this.random() < probability;
  }
}
