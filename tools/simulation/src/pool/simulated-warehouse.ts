import type { Clock } from '@mooring/session-store';
import { DataApiError } from '@mooring/redshift-sessions';
import type { DataApi } from '@mooring/redshift-sessions';
import type { Random } from '../kernel/seeded.ts';

type SubmitOptions = Parameters<DataApi['execute']>[1];
type Submitted = Awaited<ReturnType<DataApi['execute']>>;
type StatementDescription = Awaited<ReturnType<DataApi['describe']>>;
type StatementStatus = StatementDescription['status'];
type ResultPage = Awaited<ReturnType<DataApi['result']>>;
type ListedStatement = Awaited<ReturnType<DataApi['findStatements']>>[number];
type ListedSession = Awaited<ReturnType<DataApi['listSessions']>>[number];

export interface WarehouseFaults {
  /** Chances from 0 to 1, per call. */
  lostSession: number;
  throttled: number;
  /** ListStatements does not answer. */
  blind: number;
}

interface Session {
  readonly id: string;
  readonly createdAt: number;
  readonly reapMs: number;
  /** Whose statements run in it. */
  owner: string | undefined;
  /** The client whose statement left something in it. */
  changedBy: string | undefined;
  keepAliveMs: number;
  closesAt: number;
  running: number;
  isClosed: boolean;
  current: string | undefined;
}

interface Statement extends ListedStatement {
  status: StatementStatus;
  cancel: () => void;
  readonly ended: Promise<void>;
}

/**
 * The Data API in virtual time, with the semantics that matter to a pool: one statement per session, busy and closed
 * alike, keep-alive from the end of a statement, tokens run once. SQL is `<verb> <owner> <milliseconds> <client>`: who
 * expects to run it, and for how long; `lock` leaves something in its session, `select` does not. What must never happen
 * is in `violations`.
 */
export class SimulatedWarehouse implements DataApi {
  readonly violations: string[] = [];
  readonly faults: WarehouseFaults = { lostSession: 0, throttled: 0, blind: 0 };
  connectMs = 250;
  latencyMs = 3;
  /** How long after its keep-alive a session closes, at most. */
  reapMs = 0;
  /** Quotas of a cluster. */
  maxSessions = Number.POSITIVE_INFINITY;
  maxActiveStatements = Number.POSITIVE_INFINITY;
  opened = 0;
  mostOpen = 0;
  calls = 0;
  private readonly sessions = new Map<string, Session>();
  /** All that are open, and some that closed since they were counted. */
  private readonly perhapsOpen = new Set<Session>();
  private active = 0;
  private readonly statements = new Map<string, Statement>();
  private readonly tokens = new Map<string, Submitted>();
  private readonly runs = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  get open(): number {
    return this.openOf();
  }

  /** Of one owner or of all. */
  openOf(owner?: string): number {
    return this.counting(owner).length;
  }

  /** Ids of open sessions. */
  counting(owner?: string): string[] {
    const ids: string[] = [];
    for (const session of this.perhapsOpen) {
      if (!this.isOpen(session)) this.perhapsOpen.delete(session);
      else if (owner === undefined || session.owner === owner) ids.push(session.id);
    }
    return ids;
  }

  /** How a statement stands, as the warehouse alone knows it. */
  statusOf(id: string): StatementStatus | undefined {
    return this.statements.get(id)?.status;
  }

  /** How often a statement of this name was run. */
  runsOf(statementName: string): number {
    return this.runs.get(statementName) ?? 0;
  }

  closeAll(): void {
    for (const session of this.sessions.values()) session.isClosed = true;
  }

  async execute(sql: string, options: SubmitOptions): Promise<Submitted> {
    this.calls += 1;
    await this.travel();
    if (this.chance(this.faults.throttled)) throw new DataApiError('throttled', 'Rate exceeded');
    const submitted = this.accept(sql, options);
    const statement = this.statements.get(submitted.id);
    if (options.waitSeconds !== undefined && statement !== undefined) {
      await Promise.race([statement.ended, this.wait(options.waitSeconds * 1000)]);
    }
    await this.travel();
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
    this.statements.get(id)?.cancel();
  }

  async findStatements(namePrefix: string): Promise<readonly ListedStatement[]> {
    await this.travel();
    if (this.chance(this.faults.blind)) throw new DataApiError('unknown_outcome', 'socket hang up');
    return [...this.statements.values()].filter(({ name }) => name?.startsWith(namePrefix) === true);
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
    if (this.active >= this.maxActiveStatements)
      throw new DataApiError('statements_exceeded', 'Active statements exceeded');
    const session = this.sessionFor(options);
    const known = this.tokens.get(options.clientToken);
    if (known !== undefined) return known;
    if (session !== undefined && sql !== 'ROLLBACK') this.enter(session, sql);
    return this.start(sql, options, session);
  }

  /** A statement begins in a session: is it one that may? */
  private enter(session: Session, sql: string): void {
    const [verb = '', owner = '', , client] = sql.split(' ');
    if (verb !== 'SELECT') {
      session.owner ??= owner;
      if (session.owner !== owner) this.violations.push(`${owner} ran in a session of ${session.owner}`);
    }
    if (session.changedBy !== undefined && session.changedBy !== client) {
      this.violations.push(`${client ?? 'another'} ran in a session that ${session.changedBy} changed`);
    }
    if (verb === 'lock') session.changedBy = client ?? '';
    if (session.running > 0) this.violations.push('two statements in one session');
  }

  private sessionFor({ place, clientToken, keepAliveSeconds }: SubmitOptions): Session | undefined {
    if ('SessionId' in place) {
      const session = this.sessions.get(place.SessionId);
      if (session === undefined)
        throw new DataApiError('session_unknown', `Session with Id: ${place.SessionId} is invalid`);
      if (this.chance(this.faults.lostSession)) session.isClosed = true;
      if (!this.isOpen(session) || session.running > 0) {
        throw new DataApiError('session_not_available', 'Session is not available');
      }
      if (keepAliveSeconds !== undefined) session.keepAliveMs = keepAliveSeconds * 1000;
      return session;
    }
    if (keepAliveSeconds === undefined || this.tokens.has(clientToken)) return undefined;
    if (this.open >= this.maxSessions) throw new DataApiError('sessions_exceeded', 'Active sessions exceeded');
    this.opened += 1;
    const session: Session = {
      id: `session-${this.opened}`,
      createdAt: this.clock.now(),
      reapMs: this.reapMs === 0 ? 0 : Math.floor(this.random() * this.reapMs),
      owner: undefined,
      changedBy: undefined,
      keepAliveMs: keepAliveSeconds * 1000,
      closesAt: Number.POSITIVE_INFINITY,
      running: 0,
      isClosed: false,
      current: undefined,
    };
    this.sessions.set(session.id, session);
    this.perhapsOpen.add(session);
    this.mostOpen = Math.max(this.mostOpen, this.open);
    return session;
  }

  private start(sql: string, options: SubmitOptions, session: Session | undefined): Submitted {
    const id = `statement-${this.statements.size + 1}`;
    const connectMs = 'SessionId' in options.place ? 0 : this.connectMs;
    const runMs = connectMs + Number(sql.split(' ')[2] ?? 0);
    const runs = this.runsOf(options.statementName) + 1;
    this.runs.set(options.statementName, runs);
    if (runs > 1) this.violations.push(`${options.statementName} ran ${runs} times`);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const finish = (status: StatementStatus) => (): void => {
      if (statement.status !== 'STARTED') return;
      statement.status = status;
      this.active -= 1;
      if (session !== undefined) {
        session.running -= 1;
        session.closesAt = this.clock.now() + session.keepAliveMs;
      }
      end();
    };
    const statement: Statement = {
      id,
      name: options.statementName,
      status: 'STARTED',
      ended,
      cancel: finish('ABORTED'),
      ...(session === undefined ? {} : { sessionId: session.id }),
    };
    if (session !== undefined) {
      session.running += 1;
      session.current = id;
      session.closesAt = Number.POSITIVE_INFINITY;
    }
    this.active += 1;
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
    return !session.isClosed && this.clock.now() < session.closesAt + session.reapMs;
  }

  private async travel(): Promise<void> {
    if (this.latencyMs > 0) await this.wait(this.latencyMs * (0.5 + this.random()));
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
