import type { AuditEvent } from '../audit/audit-sink.ts';
import { isAudited, targetOf } from '../audit/audited-statement.ts';
import type { CancelSignal } from '../context/cancellation.ts';
import type { ExecutionContext } from '../context/execution-context.ts';
import type { Principal } from '../context/principal.ts';
import { EngineError } from '../errors.ts';
import type { EngineErrorCode } from '../errors.ts';
import type { Statement, StatementKind } from '../sql/statement.ts';
import type { Value } from '../values.ts';
import { impersonated } from './impersonation.ts';
import { cancellable, isComplete, withEnd } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { codeOf, engineErrorOf } from './run-errors.ts';
import { SqlSession } from './sql-session.ts';
import type { StatementRun } from './statement-handler.ts';
import { UNOBSERVED } from './statement-observer.ts';
import type { StatementFailure } from './statement-observer.ts';
import { assertAllowedInTransaction } from './transaction-rules.ts';

/** What is known of a statement beside its rows. */
export interface StatementMetadata {
  /** What KILL QUERY takes. */
  readonly queryId: string;
  readonly kind: StatementKind;
  readonly namespace: string | undefined;
  readonly userId: string;
  /** As whom it ran, of EXECUTE AS USER. */
  readonly asUserId: string | undefined;
  readonly startedAt: number;
  /** In the batch, from 1. */
  readonly line: number;
  readonly column: number;
}

export interface StatementStart {
  readonly context: ExecutionContext;
  readonly session: SqlSession;
  readonly parameters: readonly Value[];
  readonly timeoutMs: number | undefined;
  readonly onProgress: ((progress: number) => void) | undefined;
  /** Once its outcome is read, given up or cancelled, or there is none. */
  readonly onEnd?: () => Promise<unknown>;
}

export interface StartedStatement {
  readonly outcome: Outcome;
  readonly metadata: StatementMetadata;
}

/**
 * Runs one statement: authorizes it, hands it to its handler, and audits it. Whoever gets the outcome reads or closes it.
 *
 * @throws EngineError
 */
export async function startStatement(statement: Statement, start: StatementStart): Promise<StartedStatement> {
  const { context, session } = start;
  const { engine, principal } = context;
  engine.assertOpen();
  engine.counts.statements += 1;
  const query = engine.queries.start({
    principal,
    kind: statement.kind,
    statement: statement.text,
    namespace: session.namespace,
    sessionId: session.isPinned ? session.id : undefined,
    clientAddress: context.clientAddress,
    signal: context.signal,
  });
  session.query = query;
  const { kind } = statement;
  const watch = engine.observer?.begin({ kind, tenantId: principal.tenantId, queryId: query.id }) ?? UNOBSERVED;
  const audit = new StatementAudit(context, query.id, statement);
  let own: SqlSession | undefined;
  let isDone = false;
  const end = async (failure?: unknown): Promise<void> => {
    session.query = undefined;
    try {
      await own?.close();
      await start.onEnd?.();
    } finally {
      query.finish();
      watch.end(isDone ? undefined : failureOf(failure, query.signal));
    }
  };
  try {
    if (query.signal.aborted) throw query.signal.reason as EngineError;
    const longest = engine.options.longestStatementMs;
    const timeoutMs = Math.min(start.timeoutMs ?? session.timeoutMs ?? engine.options.statementTimeoutMs, longest);
    const { parameters, onProgress } = start;
    let run: StatementRun = { engine, context, principal, session, parameters, query, timeoutMs, onProgress };
    let inner = statement;
    if (statement.kind === 'execute_as_user') {
      const user = await audit.refusing(() => impersonated(statement, run));
      inner = statement.statement;
      own = sessionOf(user, run);
      run = { ...run, principal: user, session: own };
      audit.actsAs(user.userId, inner);
    }
    const outcome = await watch.within(() => runInner(inner, run, audit));
    const metadata: StatementMetadata = {
      queryId: query.id,
      kind: inner.kind,
      namespace: session.namespace,
      userId: principal.userId,
      asUserId: own?.principal.userId,
      startedAt: query.startedAt,
      line: statement.line,
      column: statement.column,
    };
    query.state = 'streaming';
    isDone = isComplete(outcome);
    return { outcome: cancellable(withEnd(outcome, end), query.signal), metadata };
  } catch (error) {
    engine.counts.failed += 1;
    await end(error);
    throw error;
  }
}

/** A statement that was cancelled while its result was read fails with that, whatever else it fails with. */
function failureOf(failure: unknown, { aborted, reason }: CancelSignal): StatementFailure | undefined {
  const counted = aborted ? reason : failure;
  return counted === undefined ? undefined : (codeOf(counted) ?? 'internal_error');
}

async function runInner(statement: Statement, run: StatementRun, audit: StatementAudit): Promise<Outcome> {
  const authorized = await audit.refusing(async () => {
    const handler = run.engine.handlers.get(statement.kind);
    assertAllowedInTransaction(statement, run.session);
    return { handler, found: await handler.authorize(statement, run) };
  });
  try {
    const outcome = await authorized.handler.execute(statement, run, authorized.found);
    await audit.done(outcome.rowsAffected);
    return outcome;
  } catch (error) {
    await audit.failed(codeOf(error) ?? null);
    throw engineErrorOf(error);
  }
}

/** A session of its own: nothing of another user's temporary tables, settings and transaction. */
function sessionOf(principal: Principal, { session, engine }: StatementRun): SqlSession {
  const openedAt = engine.clock.now();
  return new SqlSession({ principal, namespace: session.namespace, openedAt, keepsState: false, isPinned: false });
}

/** The audit events of one statement. */
class StatementAudit {
  private asUserId: string | null = null;
  private isAudited: boolean;

  constructor(
    private readonly context: ExecutionContext,
    private readonly queryId: string,
    private statement: Statement,
  ) {
    this.isAudited = isAudited(statement);
  }

  /** From here on about a statement that runs as another user. Those are recorded, whatever they are. */
  actsAs(userId: string, statement: Statement): void {
    this.asUserId = userId;
    this.statement = statement;
    this.isAudited = true;
  }

  /** Runs what decides whether a statement may run; that it may not is recorded. */
  async refusing<T>(decide: () => Promise<T>): Promise<T> {
    try {
      return await decide();
    } catch (error) {
      const code = codeOf(error) ?? null;
      if (code !== null && REFUSALS.has(code)) {
        this.context.engine.counts.denied += 1;
        await this.record('denied', code, null);
      } else await this.failed(code);
      throw engineErrorOf(error);
    }
  }

  async done(rowsAffected: number | null): Promise<void> {
    if (this.isAudited) await this.record('done', null, rowsAffected);
  }

  async failed(code: EngineErrorCode | null): Promise<void> {
    if (this.isAudited) await this.record('failed', code, null);
  }

  private record(outcome: AuditEvent['outcome'], code: EngineErrorCode | null, rowsAffected: number | null) {
    const { statement, asUserId, queryId } = this;
    const action = statement.kind;
    return recordEvent(this.context, {
      action,
      target: targetOf(statement),
      outcome,
      code,
      rowsAffected,
      asUserId,
      queryId,
    });
  }
}

/** Of what is no passing trouble, but an answer: no. */
const REFUSALS: ReadonlySet<EngineErrorCode> = new Set<EngineErrorCode>([
  'forbidden',
  'not_found',
  'unsupported_statement',
]);

export function recordEvent(
  { engine, principal, requestId, clientAddress }: ExecutionContext,
  event: Omit<AuditEvent, 'at' | 'tenantId' | 'userId' | 'role' | 'requestId' | 'clientAddress'>,
): Promise<void> {
  return engine.recordAudit({
    at: engine.clock.now(),
    tenantId: principal.tenantId,
    userId: principal.userId,
    role: principal.role,
    requestId: requestId ?? null,
    clientAddress: clientAddress ?? null,
    ...event,
  });
}
