import type { LimitedCall } from '@mooring/session-store/adapter';
import type { Statement } from './database.ts';
import type { PgClient } from './open-pool.ts';
import { VALUE_TYPES } from './value-types.ts';

/** The part of a `pg` connection that a query of its own kind is given, as `pg-cursor` uses it. */
interface Connection {
  readonly stream: { cork(): void; uncork(): void };
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
  parse(query: { name: string; text: string }): void;
  bind(values: { statement: string; values: (string | null)[] }): void;
  describe(portal: { type: 'P'; name: string }): void;
  execute(portal: object): void;
  sync(): void;
}

interface Shape {
  readonly names: readonly string[];
  readonly parsers: readonly ((value: string) => unknown)[];
}

type Row = Record<string, unknown>;

/** What the rows of a statement look like never changes: the first run learns it. */
const shapes = new WeakMap<Statement, Shape>();
const NO_ROWS: Shape = { names: [], parsers: [] };

/**
 * One run of a named statement. The driver's own query has the server describe the rows anew each time, which takes a
 * fifth of the time of a look-up, on both sides.
 */
class PreparedRun implements LimitedCall {
  due = 0;
  earlier: LimitedCall | undefined;
  later: LimitedCall | undefined;
  readonly name: string;
  readonly text: string;
  readonly rows: Promise<readonly Row[]>;
  private readonly found: Row[] = [];
  private failure: unknown;
  private resolve!: (rows: readonly Row[]) => void;
  private reject!: (cause: unknown) => void;

  constructor(
    private readonly statement: Statement,
    private readonly values: readonly unknown[],
    private readonly overdue: (limitMs: number) => Error,
  ) {
    this.name = statement.name;
    this.text = statement.text;
    this.rows = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit(connection: Connection): null {
    const { name, text } = this;
    const { stream } = connection;
    stream.cork();
    try {
      if (connection.parsedStatements[name] === undefined) connection.parse({ name, text });
      connection.bind({ statement: name, values: this.values.map(textOf) });
      if (!shapes.has(this.statement)) connection.describe({ type: 'P', name: '' });
      connection.execute({});
      connection.sync();
    } finally {
      stream.uncork();
    }
    return null;
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    shapes.set(this.statement, {
      names: fields.map(({ name }) => name),
      parsers: fields.map(({ dataTypeID }) => VALUE_TYPES.getTypeParser(dataTypeID)),
    });
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    const { names, parsers } = shapes.get(this.statement) ?? NO_ROWS;
    const row: Row = {};
    try {
      for (let place = 0; place < names.length; place += 1) {
        const value = fields[place] ?? null;
        row[names[place] as string] = value === null ? null : parsers[place]?.(value);
      }
      this.found.push(row);
    } catch (cause) {
      this.failure = cause;
    }
  }

  handleCommandComplete(): void {
    if (!shapes.has(this.statement)) shapes.set(this.statement, NO_ROWS);
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleReadyForQuery(): void {
    if (this.failure === undefined) this.resolve(this.found);
    else this.reject(this.failure);
  }

  handleError(cause: unknown): void {
    this.reject(cause);
  }

  end(limitMs: number): void {
    this.reject(this.overdue(limitMs));
  }
}

/** Nothing of a client of another make, or of one that shares its line: it has to run the statement in its own way. */
export function runOn(
  client: PgClient,
  statement: Statement,
  values: readonly unknown[],
  overdue: (limitMs: number) => Error,
): PreparedRun | undefined {
  const { connection, pipeline } = client as { connection?: Partial<Connection>; pipeline?: boolean };
  if (typeof connection?.bind !== 'function' || pipeline === true) return undefined;
  const run = new PreparedRun(statement, values, overdue);
  void (client.query as (run: object) => unknown).call(client, run);
  return run;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  return `{${value.map((element: unknown) => elementOf(textOf(element))).join(',')}}`;
}

function elementOf(text: string | null): string {
  return text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
