import { ApiError, notFound } from './errors.ts';
import type { Limits } from './options.ts';
import { targetOf } from './place.ts';
import { isSameRole } from './principal.ts';
import type { Principal } from './principal.ts';
import { Statement } from './statement.ts';
import type { StatementInput, StatementPart } from './statement.ts';

/** What was submitted, by id and by client token, for as long as the service keeps it. */
export class Statements {
  private readonly byId = new Map<string, Statement>();
  private readonly running = new Map<string, Set<Statement>>();
  private sequence = 0;
  private readonly byToken = new Map<string, { readonly statement: Statement; readonly at: number }>();

  constructor(
    private readonly limits: Limits,
    private readonly now: () => number,
  ) {}

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
    this.byId.set(statement.id, statement);
    running.add(statement);
    void statement.done.then(() => running.delete(statement));
    if (clientToken !== undefined) this.byToken.set(tokenKey(input.owner, clientToken), { statement, at: now });
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
