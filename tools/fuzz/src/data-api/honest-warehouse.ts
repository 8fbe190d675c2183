import { randomUUID } from 'node:crypto';

type Members = Readonly<Record<string, unknown>>;

interface Statement {
  readonly Id: string;
  readonly StatementName: unknown;
  readonly SessionId?: unknown;
  readonly Sqls: readonly unknown[];
  isRunning: boolean;
}

/** What the Data API refuses with. */
export class Refusal extends Error {
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** Rows of every result, in two pages. */
export const HONEST_ROWS = [
  ['1', 'one'],
  ['2', null],
] as const;

/** Answers as the Data API does, to the operations that `redshift-sessions` uses. Nothing runs. */
export class HonestWarehouse {
  private readonly statements = new Map<string, Statement>();
  private readonly sessions = new Set<string>();

  answer(operation: string, input: Members): Members {
    switch (operation) {
      case 'ExecuteStatement':
        return this.submit(input, [input['Sql']]);
      case 'BatchExecuteStatement':
        return this.submit(input, input['Sqls'] as unknown[]);
      case 'DescribeStatement':
        return this.describe(this.of(input));
      case 'GetStatementResult':
        return this.result(input);
      case 'CancelStatement':
        this.of(input).isRunning = false;
        return { Status: true };
      case 'ListStatements':
        return {
          Statements: [...this.statements.values()]
            .filter(({ StatementName }) => StatementName === input['StatementName'])
            .map(({ Id, StatementName, SessionId }) => ({ Id, StatementName, SessionId, Status: 'FINISHED' })),
        };
      case 'ListSessions':
        return {
          Sessions: [...this.sessions]
            .filter((id) => id === input['SessionId'])
            .map((SessionId) => ({ SessionId, Status: 'AVAILABLE', CreatedAt: 1_700_000_000 })),
        };
      default:
        throw new Refusal('UnknownOperationException', 'There is no such operation.');
    }
  }

  private submit(input: Members, Sqls: readonly unknown[]): Members {
    const { SessionId: given, SessionKeepAliveSeconds: keepAlive, StatementName } = input;
    if (given !== undefined && !this.sessions.has(given as string)) {
      throw new Refusal('ValidationException', 'Session is not available');
    }
    const SessionId = given ?? (keepAlive === undefined ? undefined : randomUUID());
    if (SessionId !== undefined) this.sessions.add(SessionId as string);
    const isRunning = String(Sqls[0]).includes('slow');
    const statement: Statement = { Id: randomUUID(), StatementName, SessionId, Sqls, isRunning };
    this.statements.set(statement.Id, statement);
    const { Id } = statement;
    return { Id, SessionId, CreatedAt: 1_700_000_000, Status: isRunning ? 'STARTED' : 'FINISHED', HasResultSet: true };
  }

  private describe(statement: Statement): Members {
    const { Id, SessionId, Sqls, isRunning } = statement;
    statement.isRunning = false;
    const state = {
      Status: isRunning ? 'STARTED' : 'FINISHED',
      HasResultSet: true,
      ResultRows: 2,
      Duration: 1_000_000,
    };
    const SubStatements = Sqls.map((_, index) => ({ Id: `${Id}:${index + 1}`, ...state }));
    return { Id, SessionId, ...state, ...(Sqls.length > 1 ? { SubStatements } : {}) };
  }

  private result(input: Members): Members {
    this.of(input);
    const page = input['NextToken'] === undefined ? 0 : 1;
    const [number, text] = HONEST_ROWS[page];
    return {
      ColumnMetadata: [
        { name: 'n', typeName: 'int8' },
        { name: 't', typeName: 'varchar' },
      ],
      Records: [[{ longValue: Number(number) }, text === null ? { isNull: true } : { stringValue: text }]],
      TotalNumRows: 2,
      ...(page === 0 ? { NextToken: 'more' } : {}),
    };
  }

  private of(input: Members): Statement {
    const statement = this.statements.get(String(input['Id']).split(':')[0] ?? '');
    if (statement === undefined) throw new Refusal('ResourceNotFoundException', 'Query does not exist.');
    return statement;
  }
}
