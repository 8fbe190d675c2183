import { DatabaseSync } from '@photostructure/sqlite';
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import { resultCodeOf } from './result-code.ts';

export type Value = string | number | null;

/** A statement that answers rows, and, for the compiler, what they look like. */
export interface Query<Row extends object> {
  readonly text: string;
  readonly row?: Row;
}

export function query<Row extends object>(text: string): Query<Row> {
  return { text };
}

/**
 * One connection with its prepared statements: each text is prepared once. It never waits for locks itself, which would
 * stop the event loop; whoever gets a busy result waits outside.
 */
export class Connection {
  private readonly database: DatabaseSyncInstance;
  private readonly statements = new Map<string, StatementSyncInstance>();

  constructor(file: string) {
    this.database = new DatabaseSync(file, {
      timeout: 0,
      enableDoubleQuotedStringLiterals: false,
      allowExtension: false,
      defensive: true,
    });
  }

  /** The first row. */
  one<Row extends object>({ text }: Query<Row>, ...values: Value[]): Row | undefined {
    return this.statement(text).get(...values) as Row | undefined;
  }

  /** All rows of a statement that only reads. */
  all<Row extends object>({ text }: Query<Row>, ...values: Value[]): readonly Row[] {
    const statement = this.statement(text);
    try {
      return statement.all(...values) as Row[];
    } catch (cause) {
      // The driver's `all` loses the result code of a failure (1.2.1); its `get` meets the same failure and tells.
      if (resultCodeOf(cause) === undefined) statement.get(...values);
      throw cause;
    }
  }

  /** How many rows changed. */
  run(text: string, ...values: Value[]): number {
    return this.statement(text).run(...values).changes;
  }

  /** One or more statements without values, not kept. */
  exec(text: string): void {
    this.database.exec(text);
  }

  get inTransaction(): boolean {
    return this.database.isTransaction;
  }

  /** Undoes what is open. SQLite has done so itself after some failures. */
  rollback(): void {
    if (this.database.isTransaction) this.exec('rollback');
  }

  close(): void {
    this.statements.clear();
    if (this.database.isOpen) this.database.close();
  }

  private statement(text: string): StatementSyncInstance {
    let statement = this.statements.get(text);
    if (statement === undefined) {
      statement = this.database.prepare(text);
      this.statements.set(text, statement);
    }
    return statement;
  }
}
