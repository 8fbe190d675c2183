import type { EngineContext } from '../context/engine-context.ts';
import type { ExecutionContext } from '../context/execution-context.ts';
import type { Principal } from '../context/principal.ts';
import type { RunningQuery } from '../context/running-queries.ts';
import { EngineError } from '../errors.ts';
import type { Statement, StatementKind } from '../sql/statement.ts';
import type { Value } from '../values.ts';
import type { Outcome } from './outcome.ts';
import type { SqlSession } from './sql-session.ts';

/** The statements of some kinds. */
export type StatementOf<K extends StatementKind> = OfKind<Statement, K>;
type OfKind<S, K> = S extends { kind: infer Own } ? ([K & Own] extends [never] ? never : S & { kind: K & Own }) : never;

/** One statement under way: what a handler may use. */
export interface StatementRun {
  readonly engine: EngineContext;
  readonly context: ExecutionContext;
  /** As whom it runs: the request's, or the one that EXECUTE AS USER names. */
  readonly principal: Principal;
  readonly session: SqlSession;
  readonly parameters: readonly Value[];
  readonly query: RunningQuery;
  readonly timeoutMs: number;
  readonly onProgress: ((progress: number) => void) | undefined;
}

/** All that is known about one kind of statement, or some that are alike. */
export interface StatementHandler<K extends StatementKind = StatementKind, Authorized = unknown> {
  readonly kinds: readonly K[];
  /** Decides before anything happens, and gives what it found to `execute`. @throws EngineError `forbidden`, `not_found` … */
  authorize(statement: StatementOf<K>, run: StatementRun): Promise<Authorized>;
  /** @throws EngineError */
  execute(statement: StatementOf<K>, run: StatementRun, authorized: Authorized): Promise<Outcome>;
}

/** Which handler has which kind of statement. */
export class HandlerRegistry {
  private readonly handlers = new Map<StatementKind, StatementHandler>();

  /** @throws EngineError `misconfigured` if there is one of a kind already */
  register<K extends StatementKind, Authorized>(handler: StatementHandler<K, Authorized>): this {
    for (const kind of handler.kinds) {
      if (this.handlers.has(kind)) {
        throw new EngineError({ code: 'misconfigured', message: `there are two handlers of ${kind}` });
      }
      this.handlers.set(kind, handler);
    }
    return this;
  }

  /** @throws EngineError `unsupported_statement` */
  get(kind: StatementKind): StatementHandler {
    const handler = this.handlers.get(kind);
    if (handler !== undefined) return handler;
    const message = `${kind.toUpperCase().replaceAll('_', ' ')} is not available here`;
    throw new EngineError({ code: 'unsupported_statement', message });
  }
}
