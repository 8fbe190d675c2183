/** What a client knows of a token: `unsure` where an answer that decides it was lost. */
export type TokenState = 'live' | 'dead' | 'replaced' | 'unsure';

export interface StatementEntry {
  readonly id: string;
  readonly tenantId: string;
  /** `acknowledged`: it was answered as done. `refused`: as not done. `unknown`: otherwise, or not at all. */
  outcome: 'acknowledged' | 'refused' | 'unknown';
  /** Under which the query API keeps it. */
  queryId: string | undefined;
}

export interface Admission {
  readonly sentAt: number;
  readonly answeredAt: number;
}

export interface Passwords {
  readonly username: string;
  /** The one that counts; two while it is not known which. */
  current: readonly string[];
  retired: readonly string[];
}

/** What the services acknowledged, as their clients saw it, and what they answered that they must not. */
export class Ledger {
  readonly tokens = new Map<string, TokenState>();
  readonly statements = new Map<string, StatementEntry>();
  readonly passwords = new Map<string, Passwords>();
  /** Requests of one session that its limit let through, in the order of their answers. */
  readonly admissions: Admission[] = [];
  /** Answers that no document has, and those that contradict an earlier one. */
  readonly faults: string[] = [];
  /** How often each answer was given, by status and code. */
  readonly answers = new Map<string, number>();

  submitted(id: string, tenantId: string): StatementEntry {
    const entry: StatementEntry = { id, tenantId, outcome: 'unknown', queryId: undefined };
    this.statements.set(id, entry);
    return entry;
  }

  tokensIn(state: TokenState): readonly string[] {
    return [...this.tokens].filter(([, held]) => held === state).map(([token]) => token);
  }

  answered(what: string): void {
    this.answers.set(what, (this.answers.get(what) ?? 0) + 1);
  }
}
