import { ApiError, notFound } from './errors.ts';
import type { Limits } from './options.ts';
import { targetOf } from './place.ts';
import { isSameRole } from './principal.ts';
import type { Principal } from './principal.ts';
import type { Recorded, StatementJournal } from './statement-journal.ts';
import { Statement } from './statement.ts';
import type { StatementInput, StatementPart } from './statement.ts';

/** What is said of a statement that was under way when the server was killed; it may have run. */
const CUT_SHORT = 'ERROR: the server stopped while the statement was under way';

/** What was submitted, by id and by client token, for as long as the service keeps it. */
export class Statements {
  private readonly byId = new Map<string, Statement>();
  private readonly running = new Map<string, Set<Statement>>();
  private sequence = 0;
  private readonly byToken = new Map<string, { readonly statement: Statement; readonly at: number }>();

  constructor(
    private readonly limits: Limits,
    private readonly now: () => number,
    private readonly journal?: StatementJournal,
  ) {
    for (const recorded of journal?.recorded ?? []) this.recall(recorded);
  }

  add(input: StatementInput, clientToken: string | undefined): Statement {
    const now = this.now();
    const running = this.runningOn(targetOf(input.place));
    if (running.size >= this.limits.maxActiveStatements) {
      throw new ApiError(
        'ActiveStatementsExceededException',
        `The number of active statements exceeds ${this.limits.maxActiveStatements}.`,
      );
    }
    this.forget(now);
    this.sequence += 1;
    const statement = new Statement(input, now, this.sequence);
    this.record(statement, clientToken);
    this.keep(statement, clientToken);
    running.add(statement);
    void statement.done.then(() => running.delete(statement));
    return statement;
  }

  /** The statement that this token stands for already. */
  ofToken(owner: Principal, clientToken: string | undefined): Statement | undefined {
    if (clientToken === undefined) return undefined;
    const known = this.byToken.get(tokenKey(owner, clientToken));
    return known !== undefined && this.now() - known.at < this.limits.clientTokenRetentionMs
      ? known.statement
      : undefined;
  }

  /** A statement by its id, or a member of a batch by its own. Those of others are not there. */
  get(id: string, owner: Principal): { readonly statement: Statement; readonly part: StatementPart } {
    const statement = this.byId.get(id.split(':')[0] ?? '');
    const part = statement?.part(id);
    if (
      statement === undefined ||
      part === undefined ||
      !isSameRole(statement.input.owner, owner) ||
      this.tooOld(statement)
    ) {
      throw notFound('Query does not exist.', id);
    }
    return { statement, part };
  }

  ofOwner(owner: Principal): Statement[] {
    return [...this.byId.values()].filter((one) => isSameRole(one.input.owner, owner) && !this.tooOld(one));
  }

  active(): Statement[] {
    return [...this.running.values()].flatMap((running) => [...running]);
  }

  private keep(statement: Statement, clientToken: string | undefined): void {
    this.byId.set(statement.id, statement);
    if (clientToken === undefined) return;
    this.byToken.set(tokenKey(statement.input.owner, clientToken), { statement, at: statement.createdAt });
  }

  /** Before it runs, and before anybody hears of its end. */
  private record(statement: Statement, clientToken: string | undefined): void {
    const { journal } = this;
    if (journal === undefined) return;
    const { id, createdAt: at } = statement;
    const { session: _, ...input } = statement.input;
    const token = clientToken === undefined ? {} : { clientToken };
    journal.accepted({ id, at, ...token, input: { ...input, parameters: [] } });
    void statement.done.then(() => {
      const { status, updatedAt, error, rows } = statement;
      journal.ended({ id, at: updatedAt, status, rows, ...(error === undefined ? {} : { error }) });
    });
  }

  private recall({ acceptance, ending }: Recorded): void {
    this.sequence += 1;
    const statement = new Statement(acceptance.input, acceptance.at, this.sequence, acceptance.id);
    statement.error = ending === undefined ? CUT_SHORT : ending.error;
    statement.rows = ending?.rows ?? -1;
    const how = ending?.status === 'FINISHED' || ending?.status === 'ABORTED' ? ending.status : 'FAILED';
    statement.end(how, ending?.at ?? this.now());
    this.keep(statement, acceptance.clientToken);
  }

  private runningOn(target: string): Set<Statement> {
    const running = this.running.get(target) ?? new Set();
    this.running.set(target, running);
    return running;
  }

  private tooOld(statement: Statement): boolean {
    return statement.ended && this.now() - statement.updatedAt >= this.limits.retentionMs;
  }

  private forget(now: number): void {
    for (const [id, statement] of this.byId) {
      if (!this.tooOld(statement)) break;
      this.byId.delete(id);
    }
    for (const [key, { at }] of this.byToken) {
      if (now - at < this.limits.clientTokenRetentionMs) break;
      this.byToken.delete(key);
    }
  }
}

function tokenKey(owner: Principal, clientToken: string): string {
  return `${owner.account}\n${owner.role}\n${clientToken}`;
}
