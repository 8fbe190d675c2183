import { ApiError, notFound } from './errors.ts';
import type { Limits } from './options.ts';
import { targetOf } from './place.ts';
import { Statement } from './statement.ts';
import type { StatementInput, StatementPart } from './statement.ts';

/** What was submitted, by id and by client token, for as long as the service keeps it. */
export class Statements {
  private readonly byId = new Map<string, Statement>();
  private readonly byToken = new Map<string, { readonly statement: Statement; readonly at: number }>();

  constructor(
    private readonly limits: Limits,
    private readonly now: () => number,
  ) {}

  add(input: StatementInput, clientToken: string | undefined): Statement {
    const now = this.now();
    const target = targetOf(input.place);
    const active = [...this.byId.values()].filter((one) => !one.ended && targetOf(one.input.place) === target).length;
    if (active >= this.limits.maxActiveStatements) {
      throw new ApiError(
        'ActiveStatementsExceededException',
        `The number of active statements exceeds ${this.limits.maxActiveStatements}.`,
      );
    }
    this.forget(now);
    const statement = new Statement(input, now);
    this.byId.set(statement.id, statement);
    if (clientToken !== undefined) this.byToken.set(tokenKey(input.owner, clientToken), { statement, at: now });
    return statement;
  }

  /** The statement that this token stands for already. */
  ofToken(owner: string, clientToken: string | undefined): Statement | undefined {
    if (clientToken === undefined) return undefined;
    const known = this.byToken.get(tokenKey(owner, clientToken));
    return known !== undefined && this.now() - known.at < this.limits.clientTokenRetentionMs
      ? known.statement
      : undefined;
  }

  /** A statement by its id, or a member of a batch by its own. Those of others are not there. */
  get(id: string, owner: string): { readonly statement: Statement; readonly part: StatementPart } {
    const statement = this.byId.get(id.split(':')[0] ?? '');
    const part = statement?.part(id);
    if (statement === undefined || part === undefined || statement.input.owner !== owner || this.tooOld(statement)) {
      throw notFound('Query does not exist.', id);
    }
    return { statement, part };
  }

  ofOwner(owner: string): Statement[] {
    return [...this.byId.values()].filter((one) => one.input.owner === owner && !this.tooOld(one));
  }

  active(): Statement[] {
    return [...this.byId.values()].filter((one) => !one.ended);
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

function tokenKey(owner: string, clientToken: string): string {
  return `${owner}\n${clientToken}`;
}
