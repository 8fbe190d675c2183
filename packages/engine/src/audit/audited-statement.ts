import type { RelationName, Statement, StatementKind } from '../sql/statement.ts';

/** Kinds that are recorded whenever they run, as whatever writes is; others only when they are denied. */
const AUDITED: ReadonlySet<StatementKind> = new Set([
  'insert',
  'update',
  'delete',
  'merge',
  'create_table',
  'create_view',
  'alter_table',
  'drop_table',
  'drop_view',
  'create_namespace',
  'alter_namespace',
  'drop_namespace',
  'create_storage',
  'alter_storage',
  'drop_storage',
  'set_table_access',
  'grant',
  'revoke',
  'create_user',
  'alter_user',
  'drop_user',
  'execute_as_user',
  'kill_query',
  'kill_job',
] satisfies StatementKind[]);

export function isAudited(statement: Statement): boolean {
  if (AUDITED.has(statement.kind)) return true;
  if (statement.kind === 'explain' && !statement.analyze) return false;
  return 'references' in statement && statement.references.writes.length > 0;
}

/** What a statement is about, by name; never its text. */
export function targetOf(statement: Statement): string {
  switch (statement.kind) {
    case 'select':
    case 'explain':
      return namesOf([...statement.references.reads, ...statement.references.writes]);
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return namesOf(statement.references.writes);
    case 'create_table':
    case 'create_view':
    case 'alter_table':
    case 'describe_table':
    case 'set_table_access':
    case 'grant':
    case 'revoke':
      return namesOf([statement.table]);
    case 'drop_table':
    case 'drop_view':
      return namesOf(statement.tables);
    case 'kill_query':
    case 'kill_job':
      return statement.id;
    case 'execute_as_user':
      return statement.user;
    case 'show_tables':
      return statement.namespace ?? '';
    default:
      return 'name' in statement ? statement.name : '';
  }
}

function namesOf(relations: readonly RelationName[]): string {
  const names = relations.map(({ namespace, name }) => (namespace === undefined ? name : `${namespace}.${name}`));
  return [...new Set(names)].join(',');
}
