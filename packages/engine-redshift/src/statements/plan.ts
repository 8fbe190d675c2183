import { parseBatch } from '@mooring/engine';
import type { EngineError, RelationName, Statement } from '@mooring/engine';
import { isAllowedFunction } from '../functions.ts';
import { failure } from '../errors.ts';
import { isOwnSetting } from './settings.ts';

/** How a statement runs. */
export interface Plan {
  /** Without comments. */
  readonly text: string;
  readonly parameterCount: number;
  /** It is for the statements after it, so it needs a session of the connection's own. */
  readonly keepsState: boolean;
  /** What it would end or undo can only be on such a session. */
  readonly undoes: 'transaction' | 'setting' | undefined;
  /** It changes rows, and says how many. */
  readonly countsRows: boolean;
}

/** Names of the warehouse's own tables and views. They show more than a tenant's own objects. */
const SYSTEM_NAME = /^(?:pg_|stl_|stv_|stcs_|svl_|svv_|svcs_|sys_|padb_|systable_)/;
const SYSTEM_SCHEMA = /^pg_|^information_schema$/;

/** @throws EngineError as `parseBatch`, `unsupported_statement`, `forbidden` */
export function planOf(sql: string): Plan {
  // To the warehouse, a view is renamed as a table is; the grammar that parses here takes it so only.
  const [statement, ...more] = parseBatch(sql.replace(/^ALTER VIEW (?=".*" RENAME TO ")/, 'ALTER TABLE '));
  if (statement === undefined || more.length > 0) throw unsupported('one statement at a time');
  const plan: Plan = {
    text: statement.text,
    parameterCount: 0,
    keepsState: false,
    undoes: undefined,
    countsRows: false,
  };
  switch (statement.kind) {
    case 'begin':
      return { ...plan, keepsState: true };
    case 'commit':
    case 'rollback':
      return { ...plan, keepsState: true, undoes: 'transaction' };
    case 'set':
    case 'reset':
      if (!isOwnSetting(statement.name))
        throw forbidden('only timezone, query_group and enable_result_cache_for_session can be set');
      return { ...plan, keepsState: true, undoes: statement.kind === 'reset' ? 'setting' : undefined };
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return { ...plan, ...checked(statement), countsRows: true };
    case 'create_table':
    case 'create_view':
      return { ...plan, ...checked(statement, [statement.table]), keepsState: statement.temporary };
    case 'alter_table':
      return { ...plan, ...checked(statement, [statement.table]) };
    case 'drop_table':
    case 'drop_view':
      return { ...plan, ...checked(statement, statement.tables) };
    case 'select':
    case 'explain':
      return { ...plan, ...checked(statement) };
    default:
      throw unsupported('a warehouse runs queries, changes of rows, tables and views, transactions and SET');
  }
}

/** Whether a statement of the connection can name it: a name without a schema must not mean one of the warehouse's own. */
function assertNoSystem({ namespace, name }: RelationName): void {
  if (namespace === undefined ? !SYSTEM_NAME.test(name) : !SYSTEM_SCHEMA.test(namespace)) return;
  throw forbidden(
    `${name} is named like a table of the warehouse's own, which shows what others have: take another name`,
  );
}

function checked(
  { references }: Extract<Statement, { references: unknown }>,
  targets: readonly RelationName[] = [],
): Pick<Plan, 'parameterCount'> {
  for (const relation of [...targets, ...references.reads, ...references.writes]) assertNoSystem(relation);
  const refused = references.functions.find((name) => !isAllowedFunction(name));
  if (refused !== undefined) throw forbidden(`${refused} is not for statements`);
  return { parameterCount: references.parameterCount };
}

function forbidden(message: string): EngineError {
  return failure({ code: 'forbidden', message: `Refused: ${message}.` });
}

function unsupported(message: string): EngineError {
  return failure({ code: 'unsupported_statement', message: `Refused: ${message}.` });
}
