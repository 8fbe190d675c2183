import type { DatabaseConnections } from '../database-connections.ts';
import type { Faults } from '../faults.ts';
import type { Input } from '../input.ts';
import type { OperationName } from '../operation-names.ts';
import type { Limits, RedshiftDataLocalOptions } from '../options.ts';
import type { Principal } from '../principal.ts';
import type { Sessions } from '../sessions.ts';
import type { StatementRunner } from '../statement-runner.ts';
import type { Statements } from '../statements.ts';
import { metadataOperations } from './metadata.ts';
import { resultOperations } from './results.ts';
import { sessionOperations } from './sessions.ts';
import { statementOperations } from './statements.ts';
import { submitOperations } from './submit.ts';

export interface Call {
  readonly input: Input;
  readonly principal: Principal;
  /** The client went away. */
  readonly gone: AbortSignal;
}

/** Answers an object to be written as JSON, or JSON text where digits matter. */
export type Operation = (call: Call) => Promise<object | string>;
export type Operations = Readonly<Record<OperationName, Operation>>;

export interface OperationParts {
  readonly options: RedshiftDataLocalOptions;
  readonly limits: Limits;
  readonly faults: Faults;
  readonly now: () => number;
  readonly sessions: Sessions;
  readonly statements: Statements;
  readonly runner: StatementRunner;
  readonly connections: DatabaseConnections;
}

export function createOperations(parts: OperationParts): Operations {
  return {
    ...submitOperations(parts),
    ...statementOperations(parts),
    ...resultOperations(parts),
    ...sessionOperations(parts),
    ...metadataOperations(parts),
  };
}

/** Times go over the wire as seconds with fractions. */
export function seconds(ms: number): number {
  return ms / 1000;
}
